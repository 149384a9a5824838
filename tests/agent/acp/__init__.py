"""Agents of others, as agents of the room."""
