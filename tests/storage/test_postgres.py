"""The log in PostgreSQL keeps the contract, on a real server."""

from __future__ import annotations

import pytest

from jupyter_copilot.storage.postgres.log import PostgresEventLog

from .contracts import catalog, event_log, leases, maintenance


class _Postgres:
    @pytest.fixture
    def log(self, postgres: PostgresEventLog) -> PostgresEventLog:
        return postgres


class TestAppend(_Postgres, event_log.AppendContract): ...


class TestSnapshots(_Postgres, event_log.SnapshotContract): ...


class TestLeases(_Postgres, leases.LeaseContract): ...


class TestWatch(_Postgres, event_log.WatchContract): ...


class TestCompaction(_Postgres, maintenance.CompactionContract): ...


class TestCatalog(_Postgres, catalog.CatalogContract): ...
