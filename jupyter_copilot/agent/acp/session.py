"""A session: one process of an agent, which answers one thread of one notebook, run after run."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from typing import Any

from ... import protocol as p
from ...core import state as s
from ...ports.model import ToolRequest
from ...protocol import JsonObject
from ...protocol.errors import Rejected
from ...room.room import Room
from . import problems, questions
from .configuration import AgentConfig
from .hands import Hands, Lent
from .process import AgentProcess, CannotStart
from .turn import Turn
from .wire import AUTH_REQUIRED, NO_METHOD, Gone, Peer, RequestId, RpcError

VERSION = 1
START_S, OPEN_S, CANCEL_S = 60.0, 60.0, 5.0
_NOTHING: JsonObject = {
    "fs": {"readTextFile": False, "writeTextFile": False},
    "terminal": False,
    "elicitation": {"form": {}},
}
"""No files and no terminal of ours: what an agent has of its own is seen in what it asks and tells."""


class Session:
    """Started by `begin`; `prompt` has it answer, one turn at a time. A turn that is cancelled ends within seconds."""

    def __init__(self, agent: AgentConfig, agent_id: p.AgentId, *, confined: bool, hands: Hands | None) -> None:
        self.name = agent.name
        self.version = ""
        self.begun = "new"
        self.mode = ""
        self.turn: Turn | None = None
        self.lock = asyncio.Lock()
        """Held by whoever has it answer."""
        self.used_at = 0
        self._agent = agent
        self._agent_id = agent_id
        self._confined = confined
        self._hands = hands
        self._lent: Lent | None = None
        self.server = f"nb_{secrets.token_hex(4)}"
        self._process: AgentProcess | None = None
        self._peer: Peer | None = None
        self._session_id = ""
        self._folder = ""
        self._capabilities: JsonObject = {}
        self._tasks: list[asyncio.Task[Any]] = []

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None and not self._process.is_over and self._session_id != ""

    @property
    def takes_pictures(self) -> bool:
        """Whether pictures may be sent to it."""
        return bool(_at(self._capabilities, "promptCapabilities").get("image"))

    # Its beginning

    async def begin(self, room: Room, env: dict[str, str], folder: str, known: s.AgentSession | None) -> None:
        """Start the process, and open the session that is known, or a new one, in the asking mode.

        Raises `AgentFailed`; the process is then gone.
        """
        self._folder = folder
        try:
            await self._start(room, env, folder)
            await self._initialize()
            await self._open(known)
        except (Gone, RpcError, asyncio.TimeoutError) as error:
            failed = await self._why(error)
            await self.end()
            raise failed from error
        except BaseException:
            await self.end()
            raise

    async def _start(self, room: Room, env: dict[str, str], folder: str) -> None:
        try:
            self._process = await AgentProcess.start(self._agent.command, env, folder)
        except CannotStart as error:
            raise problems.not_found(self._agent, str(error)) from error
        self._peer = Peer(self._process.reader, self._process.writer, self)
        self._lent = None if self._hands is None else self._hands.lend(room, self)
        self._tasks = [asyncio.create_task(self._peer.run()), asyncio.create_task(self._watch(self._process))]

    async def _watch(self, process: AgentProcess) -> None:
        """A process may end while something that it left behind keeps its streams open."""
        await process.wait()
        if self._peer is not None and self._tasks:
            # What it said last is still to be read.
            await asyncio.wait({self._tasks[0]}, timeout=1.0)
            self._peer.gone()

    async def _initialize(self) -> None:
        params = {
            "protocolVersion": VERSION,
            "clientCapabilities": _NOTHING,
            "clientInfo": {"name": "jupyter-collaborative-copilot", "title": "Jupyter", "version": "1"},
        }
        told = _dict(await self._request("initialize", params, START_S))
        if told.get("protocolVersion") != VERSION:
            raise problems.not_started(
                self._agent, f"it speaks version {told.get('protocolVersion')!r} of the protocol"
            )
        self._capabilities = _at(told, "agentCapabilities")
        self.version = str(_at(told, "agentInfo").get("version") or "")
        wanted = self._agent.version
        if wanted and self.version != wanted:
            raise problems.not_started(self._agent, f"its version is {self.version!r}, and {wanted!r} is allowed here")
        if self._agent.sign_in:
            await self._request("authenticate", {"methodId": self._agent.sign_in}, START_S)

    async def _open(self, known: s.AgentSession | None) -> None:
        """Open the session that is known where the agent can, else another one; then set the mode."""
        if known is not None and await self._reopened(known):
            return
        params = {**self._place(), **({"_meta": self._agent.confined} if self._confined else {})}
        told = _dict(await self._request("session/new", params, OPEN_S))
        self._session_id = str(told.get("sessionId") or "")
        if not self._session_id:
            raise problems.not_started(self._agent, "it opened no session")
        self.begun = "new" if known is None else "afresh"
        await self._set_mode(told)

    async def _reopened(self, known: s.AgentSession) -> bool:
        meta = {"_meta": self._agent.confined} if self._confined else {}
        params = {**self._place(), **meta, "sessionId": known.session_id}
        ways = []
        if "resume" in _at(self._capabilities, "sessionCapabilities"):
            ways.append(("session/resume", "resumed"))
        if self._capabilities.get("loadSession"):
            # What it replays is in the log already: nothing takes it while there is no turn.
            ways.append(("session/load", "loaded"))
        for method, begun in ways:
            try:
                told = _dict(await self._request(method, params, OPEN_S))
            except RpcError as error:
                if error.code == AUTH_REQUIRED:
                    raise
                continue
            self._session_id, self.begun = known.session_id, begun
            await self._set_mode(told)
            return True
        return False

    def _place(self) -> JsonObject:
        servers: list[JsonObject] = []
        if self._lent is not None and _at(self._capabilities, "mcpCapabilities").get("http"):
            headers = [{"name": "Authorization", "value": f"Bearer {self._lent.token}"}]
            servers = [{"type": "http", "name": self.server, "url": self._lent.url, "headers": headers}]
        return {"cwd": self._folder, "mcpServers": servers}

    async def _set_mode(self, told: JsonObject) -> None:
        """Set the asking mode, also where the agent says that it has it. Raises `AgentFailed` without one."""
        wanted = self._agent.mode
        offered = [str(each.get("id")) for each in _dicts(_at(told, "modes").get("availableModes"))]
        if wanted and wanted in offered:
            await self._request("session/set_mode", {"sessionId": self._session_id, "modeId": wanted}, OPEN_S)
        elif (option := _option_with(told, wanted)) is not None:
            params = {"sessionId": self._session_id, "configId": option, "value": wanted}
            await self._request("session/set_config_option", params, OPEN_S)
        elif not self._agent.asks:
            raise problems.does_not_ask(self._agent, offered)
        self.mode = wanted

    async def _why(self, error: Exception) -> problems.AgentFailed:
        """Why it did not begin."""
        if isinstance(error, RpcError):
            if error.code == AUTH_REQUIRED:
                return problems.wants_sign_in(self._agent, error.message)
            return problems.not_started(self._agent, error.message or f"it answered with error {error.code}")
        if isinstance(error, Gone):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._over(), 1.0)
            return problems.not_found(self._agent, self.errors or "it ended at once")
        return problems.not_started(self._agent, "it did not answer in time")

    async def _over(self) -> None:
        if self._process is not None:
            await self._process.wait()

    @property
    def errors(self) -> str:
        """What it said last on its standard error."""
        return "" if self._process is None else self._process.errors

    async def record(self, room: Room, thread_id: p.ThreadId, record: Any) -> None:
        """Say that this session answers a thread from now on."""
        event = p.AgentSessionStarted(
            thread_id=thread_id,
            agent_id=self._agent_id,
            session_id=self._session_id,
            begun=self.begun,  # type: ignore[arg-type]
            version=self.version,
            mode=self.mode,
        )
        await record(lambda state, now: [event])

    async def _request(self, method: str, params: JsonObject, timeout_s: float | None = None) -> Any:
        if self._peer is None:
            raise Gone()
        return await self._peer.request(method, params, timeout_s)

    # Its turns

    async def prompt(self, turn: Turn, blocks: Sequence[JsonObject]) -> JsonObject:
        """Have it answer; returns what ended the answer. Raises `Gone` and `RpcError`. Cancelling leaves it at work."""
        assert self._peer is not None
        turn.folder, turn.server, turn.mode = self._folder, self.server, self.mode
        turn.answer = self._peer.answer
        self.turn = turn
        try:
            return _dict(await self._request("session/prompt", {"sessionId": self._session_id, "prompt": list(blocks)}))
        finally:
            if self.turn is turn:
                self.turn = None

    async def cancel(self, prompting: asyncio.Task[JsonObject]) -> None:
        """Have it stop answering, or end it when it does not within seconds."""
        if self._peer is not None:
            await self._peer.notify("session/cancel", {"sessionId": self._session_id})
        await asyncio.wait({prompting}, timeout=CANCEL_S)
        is_stuck = not prompting.done()
        prompting.cancel()
        await asyncio.gather(prompting, return_exceptions=True)
        if is_stuck:
            await self.end()

    async def notified(self, method: str, params: JsonObject) -> None:
        """What it says in a turn; what it says between turns, or replays, is no record."""
        if method == "session/update" and self.turn is not None and params.get("sessionId") == self._session_id:
            update = params.get("update")
            if isinstance(update, dict):
                await self.turn.update(update)

    async def asked(self, id: RequestId, method: str, params: JsonObject) -> None:
        """What it asks in a turn. Raises `RpcError` for what we do not do."""
        if method == "session/request_permission" and self._peer is not None:
            if self.turn is None:
                await self._peer.answer(id, {"outcome": {"outcome": "cancelled"}})
            else:
                await self.turn.permission(id, params)
        elif method == "elicitation/create" and self.turn is not None:
            await self.turn.elicit(id, params)
        else:
            raise RpcError(NO_METHOD, f"There is no method {method!r} here.")

    async def call(self, calls: list[p.RequestedCall]) -> tuple[p.RunId, int]:
        """Have calls of the notebook's tools proposed, as calls of the run that it answers now."""
        if self.turn is None:
            raise Rejected("run_finished", "Nobody asked you anything that is still to be answered.")
        requests = [ToolRequest(tool=call.tool, raw_args="", args=call.args) for call in calls]
        step, _ = await self.turn.speech.propose(requests)
        return self.turn.run_id, step

    async def end(self) -> None:
        """End the process and all that it started. Harmless when repeated."""
        process, self._process = self._process, None
        self._session_id = ""
        if self._lent is not None:
            self._lent.give_back()
            self._lent = None
        if process is not None:
            await process.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._peer is not None:
            self._peer.gone()


def _dict(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _at(value: JsonObject, key: str) -> JsonObject:
    return _dict(value.get(key))


def _dicts(value: object) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _option_with(told: JsonObject, mode: str) -> str | None:
    """The id of the option of a session that chooses its mode and offers this one."""
    for option in questions.mode_options(told.get("configOptions")):
        values = {each.get("value") for each in _dicts(option.get("options"))}
        if mode and mode in values:
            return str(option.get("id"))
    return None
