"""Rooms follow their notebooks through renames and moves, do not follow copies, and outlive deletion as archives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from .conftest import Connect, Socket


async def head(jp_fetch: Any, path: str) -> int:
    response = await jp_fetch("api", "copilot", "notebooks", *path.split("/"))
    return int(json.loads(response.body)["head"])


async def rename(jp_fetch: Any, source: str, target: str) -> None:
    await jp_fetch("api", "contents", *source.split("/"), method="PATCH", body=json.dumps({"path": target}))


async def test_a_renamed_notebook_keeps_its_room_and_its_open_sockets(
    jp_fetch: Any, notebook: str, room_socket: Socket
) -> None:
    await room_socket.command("post_message", message_id="m1", text="hi", run=False)
    await rename(jp_fetch, "one.ipynb", "two words.ipynb")
    changed = await room_socket.until("path_changed")
    assert changed["path"] == "two words.ipynb"
    assert (await room_socket.command("post_message", message_id="m2", text="hi", run=False))["seq"] == 2
    assert await head(jp_fetch, "two words.ipynb") == 2


async def test_a_moved_folder_takes_its_rooms_along(
    jp_fetch: Any, notebook: str, jp_root_dir: Path, connect: Connect
) -> None:
    (jp_root_dir / "a").mkdir()
    (jp_root_dir / "ab").mkdir()
    for folder in ("a", "ab"):
        (jp_root_dir / folder / "n.ipynb").write_bytes((jp_root_dir / notebook).read_bytes())
        socket = await connect(f"{folder}/n.ipynb")
        await socket.hello()
        await socket.command("post_message", message_id=folder, text="hi", run=False)
    await rename(jp_fetch, "a", "z")
    assert await head(jp_fetch, "z/n.ipynb") == 1
    assert await head(jp_fetch, "ab/n.ipynb") == 1


async def test_a_copy_starts_a_fresh_room(jp_fetch: Any, notebook: str, room_socket: Socket) -> None:
    await room_socket.command("post_message", message_id="m1", text="hi", run=False)
    body = json.dumps({"copy_from": notebook})
    made = json.loads((await jp_fetch("api", "contents", method="POST", body=body)).body)["path"]
    assert await head(jp_fetch, made) == 0
    assert await head(jp_fetch, notebook) == 1


async def test_a_deleted_notebook_leaves_an_archive_and_its_name_a_fresh_room(
    jp_fetch: Any, notebook: str, room_socket: Socket, jp_root_dir: Path, jp_serverapp: Any
) -> None:
    text = (jp_root_dir / notebook).read_bytes()
    await room_socket.command("post_message", message_id="m1", text="hi", run=False)
    await jp_fetch("api", "contents", notebook, method="DELETE")
    assert (await room_socket.until("closing"))["code"] == 4004
    (jp_root_dir / notebook).write_bytes(text)
    assert await head(jp_fetch, notebook) == 0
    store = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop().store
    archived = [entry for entry in await store.rooms() if entry.archived_at is not None]
    assert len(archived) == 1 and archived[0].seq == 1
    assert len(await store.read(archived[0].room_id, 0)) == 1


async def test_a_link_to_a_notebook_leads_to_the_same_room(
    jp_fetch: Any, notebook: str, jp_root_dir: Path, room_socket: Socket
) -> None:
    (jp_root_dir / "link.ipynb").symlink_to(jp_root_dir / notebook)
    await room_socket.command("post_message", message_id="m1", text="hi", run=False)
    assert await head(jp_fetch, "link.ipynb") == 1


@pytest.mark.parametrize(
    "path",
    ["missing.ipynb", "../outside.ipynb", ".hidden/n.ipynb", ".hidden.ipynb", "folder", "text.txt", "a/../../x.ipynb"],
)
async def test_what_is_no_visible_notebook_gets_a_404_and_creates_nothing(
    path: str, jp_fetch: Any, notebook: str, jp_root_dir: Path, jp_serverapp: Any, connect: Connect
) -> None:
    (jp_root_dir / ".hidden").mkdir()
    (jp_root_dir / "folder").mkdir()
    text = (jp_root_dir / notebook).read_bytes()
    for name in (".hidden/n.ipynb", ".hidden.ipynb", "text.txt", "../outside.ipynb"):
        (jp_root_dir / name).write_bytes(text)
    for get in (
        lambda: jp_fetch("api", "copilot", "notebooks", path),
        lambda: jp_fetch("api", "copilot", "notebooks", path, "records"),
        lambda: connect(path),
    ):
        with pytest.raises(HTTPClientError) as caught:
            await get()
        assert caught.value.code == 404
    store = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"].copy().pop().store
    assert await store.rooms() == []
