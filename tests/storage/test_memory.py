"""The log in memory keeps the contract."""

from __future__ import annotations

import pytest

from jupyter_copilot.testing.memory_log import MemoryEventLog

from . import contract, contract_catalog, contract_compaction


class _Memory:
    @pytest.fixture
    def log(self, memory: MemoryEventLog) -> MemoryEventLog:
        return memory


class TestAppend(_Memory, contract.AppendContract): ...


class TestSnapshots(_Memory, contract.SnapshotContract): ...


class TestLeases(_Memory, contract.LeaseContract): ...


class TestWatch(_Memory, contract.WatchContract): ...


class TestCompaction(_Memory, contract_compaction.CompactionContract): ...


class TestCatalog(_Memory, contract_catalog.CatalogContract): ...
