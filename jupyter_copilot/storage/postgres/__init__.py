"""The event log, the leases and the catalog in a PostgreSQL database, shared by several server processes."""
