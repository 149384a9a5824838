"""An editor as a view of the room: the official client of the Agent Client Protocol, against a real server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import acp
import pytest
from acp.schema import AllowedOutcome, ClientCapabilities, RequestPermissionResponse

from jupyter_copilot import protocol as p
from jupyter_copilot.client import connect
from jupyter_copilot.core import state as s
from jupyter_copilot.testing import acp_agent

from ..patience import scaled
from ..server.conftest import notebook as notebook
from .test_commands import address as address
from .test_commands import token as token


@pytest.fixture
def jp_server_config(jp_server_config: Any, tmp_path: Path) -> Any:
    jp_server_config.ServerApp.jpserver_extensions = {"jupyter_copilot": True}
    jp_server_config.CopilotApp.store_path = str(tmp_path / "rooms.sqlite3")
    command = [sys.executable, "-S", acp_agent.__file__]
    fake = {"command": command, "name": "Fake", "mode": "ask", "confined": {"only": True}}
    jp_server_config.CopilotApp.acp_agents = {"fake": fake}
    return jp_server_config


class Editor:
    """The editor's end: it collects what it is told, and answers permissions as its person chooses."""

    def __init__(self) -> None:
        self.updates: list[Any] = []
        self.asked: asyncio.Queue[Any] = asyncio.Queue()
        self.chosen: asyncio.Queue[str] = asyncio.Queue()

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        self.updates.append(update)

    async def request_permission(self, options: Any, session_id: str, tool_call: Any, **_: Any) -> Any:
        self.asked.put_nowait(tool_call)
        option = await self.chosen.get()
        return RequestPermissionResponse(outcome=AllowedOutcome(outcome="selected", option_id=option))

    async def ext_notification(self, *_: Any, **__: Any) -> None:
        """Nothing of ours is an extension."""

    def on_connect(self, conn: Any) -> None:
        """Nothing to do."""

    @property
    def text(self) -> str:
        chunks = [u for u in self.updates if u.session_update == "agent_message_chunk"]
        return "".join(chunk.content.text for chunk in chunks)


@asynccontextmanager
async def editing(address: str, token: str, notebook: str) -> AsyncIterator[tuple[Editor, Any]]:
    """An editor that is connected to the notebook's room."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "jupyter_copilot.cli.main", "acp", notebook, "--agent", "fake", "--url", address,
        "--token", token, stdin=-1, stdout=-1,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    editor = Editor()
    agent = acp.connect_to_agent(editor, process.stdin, process.stdout)  # type: ignore[arg-type]
    try:
        told = await agent.initialize(protocol_version=1, client_capabilities=ClientCapabilities())
        assert told.protocol_version == 1
        yield editor, agent
    finally:
        process.stdin.close()
        await process.wait()


async def test_the_official_client_asks_decides_and_hears_what_others_decide(
    address: str, token: str, notebook: str
) -> None:
    async with (
        editing(address, token, notebook) as (editor, agent),
        connect(address, notebook, token) as other,
    ):
        session = await agent.new_session(cwd="/tmp", mcp_servers=[])

        def prompt(text: str) -> asyncio.Task[Any]:
            return asyncio.create_task(agent.prompt(session_id=session.session_id, prompt=[acp.text_block(text)]))

        answering = prompt("plan Look; say Hello; ask execute make")
        asked = await editor.asked.get()
        assert asked.title == "make"
        editor.chosen.put_nowait(p.APPROVE)
        assert (await answering).stop_reason == "end_turn"
        assert editor.text == "Hello"
        kinds = [update.session_update for update in editor.updates]
        assert "plan" in kinds and "tool_call" in kinds
        assert [u.status for u in editor.updates if u.session_update == "tool_call_update"] == [
            "in_progress",
            "completed",
        ]

        answering = prompt("ask execute again")
        await editor.asked.get()
        seen = await other.wait(lambda state: any(True for _ in s.open_confirmations(state)))
        (opened,) = s.open_confirmations(seen)
        await other.decide(opened.confirmation_id, p.DENY)
        assert (await answering).stop_reason == "end_turn"
        assert "not allowed" in editor.text

        answering = prompt("hang")
        await other.wait(lambda state: state.threads[session.session_id].active_run_id is not None)
        await agent.cancel(session_id=session.session_id)
        assert (await answering).stop_reason == "cancelled"
        # At once, too: before anything was heard of the answer.
        answering = prompt("hang")
        await asyncio.sleep(0)
        await agent.cancel(session_id=session.session_id)
        assert (await asyncio.wait_for(answering, scaled(60))).stop_reason == "cancelled"
        editor.updates.clear()
        await agent.load_session(cwd="/tmp", mcp_servers=[], session_id=session.session_id)
        assert "Hello" in editor.text
