"""Servers on one PostgreSQL, while it stands still, links swallow what passes, and processes die."""
