"""The log in SQLite keeps the contract."""

from __future__ import annotations

import pytest

from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from . import contract, contract_catalog, contract_compaction


class _Sqlite:
    @pytest.fixture
    def log(self, sqlite: SqliteEventLog) -> SqliteEventLog:
        return sqlite


class TestAppend(_Sqlite, contract.AppendContract): ...


class TestSnapshots(_Sqlite, contract.SnapshotContract): ...


class TestLeases(_Sqlite, contract.LeaseContract): ...


class TestWatch(_Sqlite, contract.WatchContract): ...


class TestCompaction(_Sqlite, contract_compaction.CompactionContract): ...


class TestCatalog(_Sqlite, contract_catalog.CatalogContract): ...
