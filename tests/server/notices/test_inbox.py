"""The inbox: what waits for a person, in all rooms of the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from ..conftest import Connect
from ..conftest import connect as connect
from ..conftest import jp_server_config as jp_server_config
from ..conftest import notebook as notebook


async def inbox(jp_fetch: Any) -> dict[str, Any]:
    page: dict[str, Any] = json.loads((await jp_fetch("api", "copilot", "inbox")).body)
    return page


async def test_decisions_of_all_rooms_wait_in_one_inbox_until_they_are_decided(
    connect: Connect, jp_fetch: Any, jp_root_dir: Path
) -> None:
    nbformat.write(nbformat.v4.new_notebook(), jp_root_dir / "Cleaning.ipynb")
    first = await connect()
    await first.hello()
    await first.command("open_confirmation", confirmation_id="q1", title="Go on?")
    second = await connect("Cleaning.ipynb")
    await second.hello()
    await second.command("open_confirmation", confirmation_id="q2", title="Delete?", not_opener=True)
    page = await inbox(jp_fetch)
    assert [(item["path"], item["about"], item["yours"]) for item in page["items"]] == [
        ("one.ipynb", "q1", True),
        ("Cleaning.ipynb", "q2", False),
    ]
    assert page["complete"]
    await second.command("withdraw_confirmation", confirmation_id="q2")
    assert [item["about"] for item in (await inbox(jp_fetch))["items"]] == ["q1"]


async def test_a_room_that_nobody_has_open_is_read_once(connect: Connect, jp_fetch: Any, jp_serverapp: Any) -> None:
    socket = await connect()
    await socket.hello()
    await socket.command("open_confirmation", confirmation_id="q1", title="Go on?")
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    (room,) = app.rooms.loaded()
    socket.close()
    await app.rooms._unload(room.room_id)
    assert [item["about"] for item in (await inbox(jp_fetch))["items"]] == ["q1"]
    await app.rooms._unload(room.room_id)
    assert [item["about"] for item in (await inbox(jp_fetch))["items"]] == ["q1"]
    assert app.rooms.loaded() == []


async def test_a_mention_waits_for_whom_it_names_until_they_saw_it(connect: Connect, jp_fetch: Any) -> None:
    socket = await connect()
    me = (await socket.hello())["you"]["id"]
    message = {"message_id": "m1", "text": "@me and @Carol", "run": False, "mentions": [me, "carol"]}
    await jp_fetch(
        "api", "copilot", "notebooks", "one.ipynb", "commands", method="POST",
        body=json.dumps({"command_id": "c", "command": {"type": "post_message", **message}}),
    )  # fmt: skip
    assert (await inbox(jp_fetch))["items"] == []  # one's own words are no news
