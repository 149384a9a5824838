"""The event log and the catalog in one SQLite file."""
