"""A notebook that is a link, or lies behind one: its room has the path that people use, and never none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_copilot.server.paths import NotebookPaths

from .conftest import Connect


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A notebook outside of the server's root."""
    path = tmp_path / "elsewhere" / "far.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), path)
    return path


def linked(jp_root_dir: Path, outside: Path, way: str) -> str:
    """Make the way to the notebook; its API path."""
    match way:
        case "link":
            (jp_root_dir / "near.ipynb").symlink_to(outside)
            return "near.ipynb"
        case "folder":
            (jp_root_dir / "data").symlink_to(outside.parent, target_is_directory=True)
            return "data/far.ipynb"
        case "relative":
            (jp_root_dir / "sub").mkdir()
            (jp_root_dir / "sub" / "near.ipynb").symlink_to(Path("..", "..", "elsewhere", "far.ipynb"))
            return "sub/near.ipynb"
        case "two":
            (jp_root_dir / "first").symlink_to(outside.parent, target_is_directory=True)
            (jp_root_dir / "near.ipynb").symlink_to("first/far.ipynb")
            return "near.ipynb"
    raise AssertionError(way)


@pytest.mark.parametrize("way", ["link", "folder", "relative", "two"])
async def test_a_link_out_of_the_root_works_under_the_path_that_people_use(
    way: str, jp_root_dir: Path, outside: Path, notebook: str, connect: Connect, jp_fetch: Any, jp_serverapp: Any
) -> None:
    path = linked(jp_root_dir, outside, way)
    socket = await connect(path)
    assert (await socket.hello())["path"] == path
    await socket.until("live")
    await socket.command("post_message", message_id="m", text="hi", run=False)
    rooms = json.loads((await jp_fetch("api", "copilot", "rooms")).body)["rooms"]
    assert [room["path"] for room in rooms] == [path]
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    (room,) = app.rooms.loaded()
    notebooks = NotebookPaths(jp_serverapp.contents_manager)
    assert notebooks.api_path(room.path) == path, "by this path the agent opens the notebook"


async def test_its_room_follows_when_the_link_is_renamed(
    jp_root_dir: Path, outside: Path, notebook: str, connect: Connect, jp_fetch: Any
) -> None:
    socket = await connect(linked(jp_root_dir, outside, "link"))
    await socket.hello()
    await socket.until("live")
    await jp_fetch("api", "contents", "near.ipynb", method="PATCH", body=json.dumps({"path": "renamed.ipynb"}))
    assert (await socket.until("path_changed"))["path"] == "renamed.ipynb"


async def test_a_link_inside_the_root_leads_to_the_notebooks_own_room(
    jp_root_dir: Path, notebook: str, connect: Connect
) -> None:
    (jp_root_dir / "again.ipynb").symlink_to(notebook)
    socket = await connect("again.ipynb")
    assert (await socket.hello())["path"] == notebook


@pytest.mark.parametrize("name", ["..strange.ipynb", "...ipynb"])
def test_names_that_begin_with_dots_lie_inside_all_the_same(name: str, jp_root_dir: Path, jp_serverapp: Any) -> None:
    paths = NotebookPaths(jp_serverapp.contents_manager)
    assert paths.api_path(paths.key(name)) == name
