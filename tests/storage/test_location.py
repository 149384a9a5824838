"""Where the store is."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_data_dir

from jupyter_copilot.storage.sqlite.location import default_store_path


def test_the_store_is_in_the_users_jupyter_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JUPYTER_COPILOT_STORE", raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert default_store_path() == Path(jupyter_data_dir()) / "jupyter_copilot" / "rooms.sqlite3"
    assert str(default_store_path()).startswith(str(tmp_path))


def test_a_variable_puts_it_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_COPILOT_STORE", "~/mine.db")
    assert default_store_path() == tmp_path / "mine.db"
    assert not default_store_path().exists()
