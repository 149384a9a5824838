"""The log in memory keeps the contract."""

from __future__ import annotations

import pytest

from jupyter_copilot.testing.memory_log import MemoryEventLog

from .contracts import catalog, event_log, leases, maintenance


class _Memory:
    @pytest.fixture
    def log(self, memory: MemoryEventLog) -> MemoryEventLog:
        return memory


class TestAppend(_Memory, event_log.AppendContract): ...


class TestSnapshots(_Memory, event_log.SnapshotContract): ...


class TestLeases(_Memory, leases.LeaseContract): ...


class TestWatch(_Memory, event_log.WatchContract): ...


class TestCompaction(_Memory, maintenance.CompactionContract): ...


class TestCatalog(_Memory, catalog.CatalogContract): ...
