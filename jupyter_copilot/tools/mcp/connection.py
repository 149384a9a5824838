"""A connection to one server of others: a task that owns it for its whole life, and makes it anew when it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Any, Literal

from ...ports.tool import Elicit
from ...protocol import JsonObject
from ...protocol.errors import InDoubt, ToolError
from .configuration import ServerConfig
from .definitions import MAX_TOOLS, Definition, define, distinct

log = logging.getLogger(__name__)

State = Literal["connecting", "ready", "failed", "stopped"]
FIRST_PAUSE_S, LAST_PAUSE_S = 0.5, 30.0
START_S = 60.0
PING_S = 30.0
LOG_CHARS = 8_000
CONNECTION_CLOSED, REQUEST_TIMEOUT = -32000, -32001
Progress = Callable[[str], None]


class Connection:
    """One server, connected in the background; `changed` is called whenever its tools or its state are others."""

    def __init__(
        self, name: str, config: ServerConfig, changed: Callable[[], None], log_folder: Path | None = None
    ) -> None:
        self.name = name
        self.config = config
        self.state: State = "connecting"
        self.problem = ""
        self.tools: list[Definition] = []
        self._changed = changed
        self._log_path = None if log_folder is None else log_folder / f"{name}.log"
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None
        self._broken = asyncio.Event()
        self._stale = asyncio.Event()
        self._soon = asyncio.Event()
        self._asking: dict[int, Elicit] = {}

    # Its life

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task = asyncio.create_task(self._live(), name=f"MCP server {self.name}")

    async def stop(self) -> None:
        """End the connection and the server's process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._is("stopped")

    def reconnect(self) -> None:
        """Connect anew, at once."""
        self._broken.set()
        self._soon.set()

    async def _live(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            self._broken.clear()
            self._soon.clear()
            self._is("connecting", self.problem)
            # A task of its own: what the SDK opens must be closed by the task that opened it.
            attempt = asyncio.create_task(self._attempt())
            try:
                alarm = asyncio.get_running_loop().call_later(START_S, self._give_up, attempt)
                await asyncio.wait({attempt})
                alarm.cancel()
            finally:
                attempt.cancel()
                await asyncio.gather(attempt, return_exceptions=True)
            if self.state == "ready":
                pause_s = FIRST_PAUSE_S
            self._is("failed", self._why(attempt))
            log.info("The MCP server %s is not connected: %s", self.name, self.problem)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._soon.wait(), pause_s)
            pause_s = min(2 * pause_s, LAST_PAUSE_S)

    def _give_up(self, attempt: asyncio.Task[None]) -> None:
        if self.state == "connecting":
            attempt.cancel()

    def _why(self, attempt: asyncio.Task[None]) -> str:
        if attempt.cancelled():
            return f"it did not answer within {START_S:g} s"
        error = attempt.exception()
        return "the connection ended" if error is None else _said(error)

    async def _attempt(self) -> None:
        """Connect, and look after the connection until it breaks."""
        try:
            with self._errors() as errors:
                async with self._connected(errors) as client:
                    self.tools = await self._list(client)
                    self._client = client
                    self._is("ready")
                    listening = asyncio.create_task(self._listen(client))
                    try:
                        await self._until_broken(client)
                    finally:
                        listening.cancel()
                        await asyncio.gather(listening, return_exceptions=True)
        finally:
            self._client = None

    async def _listen(self, client: Any) -> None:
        """Hear of changes from servers of the stateless generation; others tell them unasked."""
        try:
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._stale.set()
        except Exception as error:
            log.debug("The MCP server %s tells of no changes: %s", self.name, _said(error))

    def _is(self, state: State, problem: str = "") -> None:
        self.state, self.problem = state, problem
        self._changed()

    @contextlib.contextmanager
    def _errors(self) -> Any:
        """Where a server's process writes its errors: a file of its own, begun anew with each process."""
        if self._log_path is None:
            yield None
            return
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("w", encoding="utf-8", errors="replace") as errors:
            yield errors

    def errors(self) -> str:
        """The end of what the server's process said on its standard error."""
        try:
            text = "" if self._log_path is None else self._log_path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return text[-LOG_CHARS:]

    @contextlib.asynccontextmanager
    async def _connected(self, errors: IO[str] | None) -> AsyncIterator[Any]:
        # Importing the SDK takes seconds, and would hold everybody's room.
        mcp = await asyncio.to_thread(importlib.import_module, "mcp")
        options = {"elicitation_callback": self._elicited, "message_handler": self._heard}
        async with contextlib.AsyncExitStack() as stack:
            transport = await self._transport(stack, errors)
            yield await stack.enter_async_context(mcp.Client(transport, **options))

    async def _transport(self, stack: contextlib.AsyncExitStack, errors: IO[str] | None) -> Any:
        config = self.config
        if config.url:
            http = await asyncio.to_thread(importlib.import_module, "mcp.client.streamable_http")
            httpx2 = await asyncio.to_thread(importlib.import_module, "httpx2")
            timeout = httpx2.Timeout(30.0, read=config.timeout_s)
            client = await stack.enter_async_context(httpx2.AsyncClient(headers=config.headers, timeout=timeout))
            return http.streamable_http_client(config.url, http_client=client)
        stdio = await asyncio.to_thread(importlib.import_module, "mcp.client.stdio")
        server = stdio.StdioServerParameters(
            command=config.command, args=config.args, env=config.env or None, cwd=config.cwd
        )
        return stdio.stdio_client(server) if errors is None else stdio.stdio_client(server, errlog=errors)

    async def _until_broken(self, client: Any) -> None:
        """Look after the connection: list the tools anew when they change, and see whether it still answers."""
        while not self._broken.is_set():
            broken = asyncio.ensure_future(self._broken.wait())
            stale = asyncio.ensure_future(self._stale.wait())
            await asyncio.wait({broken, stale}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            broken.cancel()
            stale.cancel()
            if self._broken.is_set():
                return
            self._stale.clear()
            # A list that is asked for is an answer as good as a ping, which one generation no longer has.
            listed = await asyncio.wait_for(self._list(client), START_S)
            if listed != self.tools:
                self.tools = listed
                self._changed()

    async def _list(self, client: Any) -> list[Definition]:
        found: list[Definition] = []
        cursor: str | None = None
        while len(found) < MAX_TOOLS:
            page = await client.list_tools(cursor=cursor) if cursor else await client.list_tools()
            found += [self._define(tool) for tool in page.tools[: MAX_TOOLS - len(found)]]
            cursor = page.next_cursor
            if not cursor:
                break
        return distinct(found)

    def _define(self, tool: Any) -> Definition:
        notes = tool.annotations
        return define(
            self.name,
            tool.name,
            tool.description or "",
            tool.input_schema,
            read_only=bool(notes and notes.read_only_hint),
            idempotent=bool(notes and notes.idempotent_hint),
        )

    async def _heard(self, message: Any) -> None:
        if "ToolListChanged" in type(getattr(message, "root", message)).__name__:
            self._stale.set()

    # Calls

    async def call(self, tool: str, args: JsonObject, progress: Progress, elicit: Elicit | None) -> Any:
        """The result of a call. Raises `ToolError`, or `InDoubt` when nobody knows what became of it."""
        client = self._client
        if client is None:
            raise ToolError(
                f"The MCP server {self.name} is not connected: {self.problem or self.state}.",
                hint="Nothing was done. Try again later, or go on without it.",
            )
        key = id(object())
        if elicit is not None:
            self._asking[key] = elicit

        async def told(done: float, total: float | None, message: str | None) -> None:
            share = f"{done:g}" if total is None else f"{done:g} of {total:g}"
            progress(f"{message or 'Progress'} ({share})\n")

        calling = asyncio.ensure_future(
            client.call_tool(tool, args, read_timeout_seconds=self.config.timeout_s, progress_callback=told)
        )
        broken = asyncio.ensure_future(self._broken.wait())
        try:
            await asyncio.wait({calling, broken}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise InDoubt(f"The connection to the MCP server {self.name} ended while it worked.")
            return calling.result()
        except (InDoubt, asyncio.CancelledError):
            raise
        except Exception as error:
            raise self._failed(error) from error
        finally:
            self._asking.pop(key, None)
            calling.cancel()
            broken.cancel()

    def _failed(self, error: Exception) -> Exception:
        code = getattr(getattr(error, "error", None), "code", None)
        if type(error).__name__ == "ConnectError":
            self._broken.set()
            return ToolError(
                f"The MCP server {self.name} cannot be reached.", hint="Nothing was done. Try again later."
            )
        if isinstance(code, int) and code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT):
            return ToolError(f"The MCP server {self.name} refused the call: {_said(error)}", hint="Nothing was done.")
        if code != REQUEST_TIMEOUT:
            self._broken.set()
        return InDoubt(f"The MCP server {self.name} did not answer: {_said(error)}.")

    async def _elicited(self, context: Any, params: Any) -> Any:
        """A server asks people something while one of its tools works."""
        types = await asyncio.to_thread(importlib.import_module, "mcp_types")
        elicit = next(reversed(self._asking.values()), None)
        if elicit is None:
            return types.ElicitResult(action="cancel")
        schema = getattr(params, "requested_schema", None)
        plain = schema if isinstance(schema, dict | None) else schema.model_dump(by_alias=True, exclude_none=True)
        answer = await elicit(params.message, plain, getattr(params, "url", "") or "")
        return types.ElicitResult(**answer)


def _said(error: BaseException) -> str:
    """What an error says, in one line; of several at once, the first."""
    while isinstance(getattr(error, "exceptions", None), tuple) and error.exceptions:  # type: ignore[attr-defined]
        error = error.exceptions[0]  # type: ignore[attr-defined]
    if isinstance(error, ModuleNotFoundError):
        return "the package mcp is missing: pip install 'jupyter-collaborative-copilot[mcp]'"
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]
