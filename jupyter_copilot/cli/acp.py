"""`jupyter copilot acp NOTEBOOK`: an editor as a view of the room, by the Agent Client Protocol on standard streams."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

from .. import protocol as p
from .._version import __version__
from ..agent.acp.wire import MAX_LINE_BYTES, NO_METHOD, Peer, RequestId, RpcError
from ..client import Client, connect
from ..core import state as s
from ..ports.tasks import Tasks
from ..protocol import JsonObject
from ..protocol.errors import CopilotError, Rejected
from .command import Command
from .servers import add_server_arguments, server_for

INVALID_PARAMS, INTERNAL = -32602, -32603
_KINDS: dict[p.Effect, str] = {"read": "read", "edit": "edit", "execute": "execute"}


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("notebook", help="the notebook's path")
    parser.add_argument("--agent", help="the agent that is to answer (default: the copilot)")
    add_server_arguments(parser)


def run(arguments: Namespace) -> int:
    """Serve an editor until it closes our standard input."""
    server = server_for(arguments, arguments.notebook)
    client = connect(server.url, server.path_of(arguments.notebook), server.token, surface="cli")
    asyncio.run(serve(client, arguments.agent))
    return 0


async def serve(client: Client, agent_id: str | None) -> None:
    """Speak with the editor at the other end of the standard streams."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    async with client:
        face = Face(client, agent_id)
        face.peer = Peer(reader, writer, face)
        await face.peer.run()
        await face.close()


class Face:
    """The room as an agent: a session is a chat, a prompt a message in it, a permission a decision of this person."""

    peer: Peer

    def __init__(self, client: Client, agent_id: str | None) -> None:
        self._client = client
        self._agent_id = agent_id
        self._tasks = Tasks()
        self._turns: dict[str, RequestId] = {}
        """The prompt that is being answered, by its chat."""

    async def notified(self, method: str, params: JsonObject) -> None:
        """The editor's person stops the answer in a chat."""
        if method != "session/cancel":
            return
        self._tasks.spawn(self._stop(str(params.get("sessionId"))))

    async def _stop(self, thread_id: str) -> None:
        """Stop what goes on in the chat; an answer that was only just asked for, once it is known here."""
        turn = self._turns.get(thread_id)

        def is_known(state: s.RoomState) -> bool:
            is_over = turn is None or self._turns.get(thread_id) != turn
            return is_over or _run_in(state, thread_id) is not None

        try:
            run_id = _run_in(await self._client.wait(is_known), thread_id)
        except CopilotError:
            return  # the connection is gone for good, which the prompt's answer says
        if run_id is not None and self._turns.get(thread_id) == turn:
            await self._give(p.CancelRun(run_id=run_id))

    async def asked(self, id: RequestId, method: str, params: JsonObject) -> None:
        """Answer a request, in its own time."""
        answers = {
            "initialize": self._initialize,
            "session/new": self._new,
            "session/load": self._load,
            "session/prompt": self._prompt,
        }
        if method not in answers:
            raise RpcError(NO_METHOD, f"There is no method {method!r} here.")
        thread_id = str(params.get("sessionId"))
        if method == "session/prompt":
            self._turns[thread_id] = id
        self._tasks.spawn(self._answer(id, thread_id, answers[method](params)))

    async def _answer(self, id: RequestId, thread_id: str, work: Coroutine[Any, Any, JsonObject]) -> None:
        try:
            await self.peer.answer(id, await work)
        except RpcError as error:
            await self.peer.refuse(id, error)
        except CopilotError as error:
            await self.peer.refuse(id, RpcError(INTERNAL, str(error)))
        finally:
            if self._turns.get(thread_id) == id:
                del self._turns[thread_id]

    async def _initialize(self, params: JsonObject) -> JsonObject:
        capabilities = {"loadSession": True, "promptCapabilities": {"image": False, "embeddedContext": True}}
        info = {"name": "jupyter-collaborative-copilot", "title": "Jupyter copilot", "version": __version__}
        return {"protocolVersion": 1, "agentCapabilities": capabilities, "agentInfo": info, "authMethods": []}

    async def _new(self, params: JsonObject) -> JsonObject:
        thread_id = p.ThreadId(f"editor.{uuid4().hex}")
        await self._client.command(p.CreateThread(thread_id=thread_id, title="Editor"))
        return {"sessionId": thread_id}

    async def _load(self, params: JsonObject) -> JsonObject:
        """Go on in a chat, also one that somebody else began; what was said there is told anew."""
        state = await self._client.live()
        thread = state.threads.get(str(params.get("sessionId")))
        if thread is None:
            raise RpcError(INVALID_PARAMS, "There is no such chat in this notebook.")
        for item in thread.items:
            message = state.messages.get(item.id) if item.type == "message" else None
            if isinstance(message, s.Posted):
                await self._say(thread.thread_id, "user_message_chunk", f"{message.author.name}: {message.text}")
            elif isinstance(message, s.Complete) and message.text:
                await self._say(thread.thread_id, "agent_message_chunk", message.text)
        return {}

    async def _prompt(self, params: JsonObject) -> JsonObject:
        thread_id, blocks = str(params.get("sessionId")), params.get("prompt")
        text = "\n".join(_text(block) for block in blocks) if isinstance(blocks, list) else ""
        state = await self._client.live()
        if thread_id not in state.threads:
            raise RpcError(INVALID_PARAMS, "There is no such chat in this notebook.")
        told: asyncio.Queue[p.Record] = asyncio.Queue()

        def hear(frame: p.ServerFrame) -> None:
            if isinstance(frame, p.Records):
                for record in frame.records:
                    told.put_nowait(record)

        unlisten = self._client.listen(hear)
        try:
            message_id = await self._client.post(text, thread_id=thread_id, agent_id=self._agent_id)
            return await self._follow(told, thread_id, p.RunId(f"{message_id}.r1"))
        finally:
            unlisten()

    async def _follow(self, told: asyncio.Queue[p.Record], thread_id: str, run_id: p.RunId) -> JsonObject:
        calls: set[str] = set()
        while True:
            event = (await told.get()).event
            match event:
                case p.TextDelta(run_id=run_id_) if run_id_ == run_id:
                    await self._say(thread_id, "agent_message_chunk", event.text)
                case p.ReasoningDelta(run_id=run_id_) if run_id_ == run_id:
                    await self._say(thread_id, "agent_thought_chunk", event.text)
                case p.PlanUpdated(run_id=run_id_) if run_id_ == run_id:
                    entries = [
                        {"content": each.content, "status": each.status, "priority": each.priority or "medium"}
                        for each in event.entries
                    ]
                    await self._update(thread_id, sessionUpdate="plan", entries=entries)
                case p.CallProposed(run_id=run_id_) if run_id_ == run_id:
                    calls.add(event.call_id)
                    await self._update(thread_id, sessionUpdate="tool_call", status="pending", **_call(event))
                case p.CallStarted() if event.call_id in calls:
                    await self._call_is(thread_id, event.call_id, "in_progress")
                case p.CallFinished() if event.call_id in calls:
                    status = "failed" if event.is_error else "completed"
                    content = [{"type": "content", "content": {"type": "text", "text": event.result.text}}]
                    await self._call_is(thread_id, event.call_id, status, content=content)
                case p.ConfirmationOpened(run_id=run_id_) if run_id_ == run_id:
                    self._tasks.spawn(self._ask(thread_id, event))
                case p.RunFinished(run_id=run_id_) if run_id_ == run_id:
                    return _ended(event)

    async def _ask(self, thread_id: str, opened: p.ConfirmationOpened) -> None:
        """Ask the editor's person; somebody else may be first, which the calls tell."""
        options = [
            {
                "optionId": each.id,
                "name": each.label,
                "kind": "allow_once" if each.style == "primary" else "reject_once",
            }
            for each in opened.options
        ]
        call = {"toolCallId": opened.call_id or opened.confirmation_id, "title": opened.title}
        params = {"sessionId": thread_id, "toolCall": call, "options": options}
        answer = await self.peer.request("session/request_permission", params)
        outcome = answer.get("outcome", {}) if isinstance(answer, dict) else {}
        chosen = outcome.get("optionId")
        if outcome.get("outcome") == "selected" and any(chosen == each.id for each in opened.options):
            decide = p.Decide(
                confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=str(chosen)
            )  # fmt: skip
            await self._give(decide)

    async def _give(self, command: p.Command) -> None:
        try:
            await self._client.command(command)
        except Rejected as refused:
            # Somebody was first, or the answer is over: what became of it is told as it is recorded.
            sys.stderr.write(f"{refused}\n")

    async def _say(self, thread_id: str, kind: str, text: str) -> None:
        await self._update(thread_id, sessionUpdate=kind, content={"type": "text", "text": text})

    async def _call_is(self, thread_id: str, call_id: str, status: str, **more: Any) -> None:
        await self._update(thread_id, sessionUpdate="tool_call_update", toolCallId=call_id, status=status, **more)

    async def _update(self, thread_id: str, **update: Any) -> None:
        await self.peer.notify("session/update", {"sessionId": thread_id, "update": update})

    async def close(self) -> None:
        """The editor is gone."""
        await self._tasks.close()


def _run_in(state: s.RoomState, thread_id: str) -> p.RunId | None:
    thread = state.threads.get(thread_id)
    return None if thread is None else thread.active_run_id


def _text(block: object) -> str:
    if not isinstance(block, dict):
        return ""
    resource = block.get("resource")
    inner = resource.get("text") if isinstance(resource, dict) else None
    return str(block.get("text") or inner or block.get("uri") or "")


def _call(call: p.CallProposed) -> JsonObject:
    """A call as an editor shows it, the cells that it changes as diffs."""
    diffs = [
        {"type": "diff", "path": f"{cell.label or cell.cell_id}", "oldText": cell.before, "newText": cell.after or ""}
        for cell in call.preview.cells
        if cell.action != "run"
    ]
    code = {"type": "text", "text": call.preview.code or ""}
    shown = [*diffs, *([{"type": "content", "content": code}] if call.preview.code else [])]
    kind = _KINDS[call.effect]
    return {
        "toolCallId": call.call_id, "title": call.preview.title, "kind": kind, "rawInput": call.args, "content": shown
    }  # fmt: skip


def _ended(event: p.RunFinished) -> JsonObject:
    """Why a prompt is over. Raises `RpcError` where it failed."""
    if event.outcome == "failed":
        problem = event.error
        raise RpcError(INTERNAL, f"{problem.message} {problem.hint}".strip() if problem else "The answer failed.")
    return {"stopReason": "cancelled" if event.outcome == "cancelled" else "end_turn"}


ACP = Command(
    name="acp", help="Speak the Agent Client Protocol, so that an editor is a view of the room.",
    add_arguments=add_arguments, run=run,
)  # fmt: skip
