"""The extension as a whole: what it says when something is wrong, and that the server starts all the same."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from .conftest import Connect, Socket


class TestACorruptStore:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any, tmp_path: Path) -> Any:
        (tmp_path / "rooms.sqlite3").write_bytes(b"this is no database" * 1000)
        return jp_server_config

    async def test_is_set_aside_and_everybody_who_comes_is_told(self, connect: Connect, tmp_path: Path) -> None:
        socket = await connect()
        await socket.hello()
        notice = (await socket.until("notice"))["problem"]
        assert "rooms.sqlite3" in notice["message"] or "rooms.sqlite3" in notice["hint"]
        assert (await socket.command("post_message", message_id="m", text="hi", run=False))["type"] == "ack"
        (aside,) = [path for path in tmp_path.iterdir() if "corrupt" in path.name]
        assert aside.read_bytes().startswith(b"this is no database")


class TestAWrongConfiguration:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any) -> Any:
        jp_server_config.CopilotApp.models = {"mine": {"base_url": "http://127.0.0.1:9", "modles": []}}
        return jp_server_config

    async def test_leaves_the_server_up_and_says_what_to_correct(self, room_socket: Socket, connect: Connect) -> None:
        again = await connect()
        await again.hello("tab-2")
        assert "modles" in (await again.until("notice"))["problem"]["message"]


class TestTheNamesake:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        real = metadata.version
        monkeypatch.setattr(metadata, "version", lambda name: "0.1.5" if name == "jupyter-copilot" else real(name))
        return jp_server_config

    async def test_is_named_with_the_way_out_and_the_server_starts(
        self, capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest
    ) -> None:
        request.getfixturevalue("jp_serverapp")
        (line,) = [line for line in capfd.readouterr().err.splitlines() if "import package" in line]
        assert "jupyter-copilot 0.1.5" in line and "jupyter-collaborative-copilot" in line
        assert "pip uninstall jupyter-copilot" in line


async def test_stopping_tells_everybody_to_come_back(room_socket: Socket, jp_serverapp: Any) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    await app.rooms.drain()
    closing = await room_socket.until("closing")
    assert (closing["code"], closing["retry"]) == (4200, "after")


async def test_a_room_nobody_is_in_is_unloaded_and_comes_back_whole(
    room_socket: Socket, jp_serverapp: Any, connect: Connect
) -> None:
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_copilot"]
    await room_socket.command("post_message", message_id="m", text="hi", run=False)
    (room,) = app.rooms.loaded()
    await app.rooms._unload(room.room_id)
    assert app.rooms.loaded() == []
    again = await connect()
    await again.hello("tab-2")
    assert (await again.until("snapshot"))["seq"] == 1
