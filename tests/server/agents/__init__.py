"""Agents of others on a real server."""
