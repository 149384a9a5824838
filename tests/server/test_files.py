"""A real server's own files: closed to the copilot, wherever its root is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.server.files import file_rules, served_root
from jupyter_copilot.tools.builtin.served_files import ServedFiles


def settings_of(jp_serverapp: Any) -> RunSettings:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    settings: RunSettings = app._run_settings()
    return settings


@pytest.mark.parametrize("which", ["runtime_dir", "data_dir", "config_dir"])
@pytest.mark.parametrize("above", [False, True])
async def test_tokens_settings_and_rooms_are_closed_from_inside_and_from_above(
    jp_serverapp: Any, which: str, above: bool
) -> None:
    own = Path(getattr(jp_serverapp, which))
    own.mkdir(parents=True, exist_ok=True)
    (own / "plain.txt").write_text("SECRET")
    root = own.parent if above else own
    files = ServedFiles(str(root), settings_of(jp_serverapp).files)
    with pytest.raises(ToolError):
        files.read(str((own / "plain.txt").relative_to(root)))
    assert own.name not in [entry.name for entry in files.list("")] if above else True


async def test_the_store_is_closed(jp_serverapp: Any, tmp_path: Path) -> None:
    (tmp_path / "rooms.sqlite3-wal").write_text("SECRET")
    with pytest.raises(ToolError):
        ServedFiles(str(tmp_path), settings_of(jp_serverapp).files).read("rooms.sqlite3-wal")


async def test_the_root_and_the_rules_are_those_of_the_contents_manager(jp_serverapp: Any, tmp_path: Path) -> None:
    contents = jp_serverapp.contents_manager
    contents.root_dir = str(tmp_path)
    contents.allow_hidden = True
    contents.hide_globs = ["*.draft"]
    settings = settings_of(jp_serverapp)
    assert settings.root == str(tmp_path) and settings.files.allow_hidden and settings.files.hide_globs == ("*.draft",)


def test_a_contents_manager_that_serves_no_disk_opens_no_disk(jp_serverapp: Any) -> None:
    class Remote:
        root_dir = "/"

    assert served_root(Remote()) == ""
    with pytest.raises(ToolError, match="cannot be reached"):
        ServedFiles(served_root(Remote()), file_rules(jp_serverapp, ["x"]))
