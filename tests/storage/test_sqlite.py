"""The log in SQLite keeps the contract."""

from __future__ import annotations

import pytest

from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from .contracts import catalog, event_log, leases, maintenance


class _Sqlite:
    @pytest.fixture
    def log(self, sqlite: SqliteEventLog) -> SqliteEventLog:
        return sqlite


class TestAppend(_Sqlite, event_log.AppendContract): ...


class TestSnapshots(_Sqlite, event_log.SnapshotContract): ...


class TestLeases(_Sqlite, leases.LeaseContract): ...


class TestWatch(_Sqlite, event_log.WatchContract): ...


class TestCompaction(_Sqlite, maintenance.CompactionContract): ...


class TestCatalog(_Sqlite, catalog.CatalogContract): ...
