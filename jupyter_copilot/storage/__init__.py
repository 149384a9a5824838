"""The event log: a durable, ordered sequence of records for each room."""
