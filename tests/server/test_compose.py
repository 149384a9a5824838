"""The store is made from its address; another package may offer a kind of its own."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_data_dir

from jupyter_copilot.ports.clock import SystemClock
from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.server import compose
from jupyter_copilot.server.compose import models_file, open_store
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.testing.memory_log import MemoryEventLog

KEPT = MemoryEventLog()


def keep(address: str, clock: object) -> MemoryEventLog:
    return KEPT


@pytest.mark.parametrize("scheme", ["", "sqlite://"])
def test_a_path_is_a_file_of_sqlite_that_tools_keep_out_of(scheme: str, tmp_path: Path) -> None:
    store = open_store(f"{scheme}{tmp_path / 'rooms.db'}", SystemClock())
    assert list(store.files) == [str(tmp_path / "rooms.db")]
    assert not (tmp_path / "rooms.db").exists()


def test_without_an_address_it_is_in_the_usual_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTER_COPILOT_STORE", str(tmp_path / "mine.db"))
    assert list(open_store("", SystemClock()).files) == [str(tmp_path / "mine.db")]


def test_the_environment_may_name_a_database_and_files_stay_in_the_usual_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTER_COPILOT_STORE", "postgresql://copilot@127.0.0.1/rooms")
    store = open_store("", SystemClock())
    assert isinstance(store, PostgresEventLog) and list(store.files) == []
    assert models_file("", "").parent == Path(jupyter_data_dir()) / "jupyter_copilot"


def test_a_store_whose_package_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    for name in [each for each in sys.modules if each.startswith("jupyter_copilot.storage.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(StoreUnavailable, match="asyncpg") as refused:
        open_store("postgresql://copilot@127.0.0.1/rooms", SystemClock())
    assert "pip install" in refused.value.hint


def test_another_package_offers_a_store_under_its_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = metadata.EntryPoint("elsewhere", f"{__name__}:keep", compose.STORE_ENTRY_POINTS)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [offered] if group == offered.group else [])
    assert open_store("elsewhere://host/rooms", SystemClock()) is KEPT


def test_an_address_that_nothing_serves_says_what_to_do() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store("nowhere://host", SystemClock())
    assert "nowhere://" in refused.value.message and "store_path" in refused.value.hint
