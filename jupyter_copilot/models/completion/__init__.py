"""Inline completion by model servers: each way of asking them, and the client that finds out which one a model has."""
