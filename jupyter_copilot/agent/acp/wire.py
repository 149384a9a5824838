"""JSON-RPC 2.0, one message a line: what the Agent Client Protocol is spoken in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, Protocol

import msgspec

from ...protocol import JsonObject

log = logging.getLogger(__name__)

MAX_LINE_BYTES = 1 << 26
"""Of one message: a picture or a large file fits, and nothing grows without end."""
PARSE_ERROR, NO_METHOD, INTERNAL, AUTH_REQUIRED = -32700, -32601, -32603, -32000

RequestId = int | str


class RpcError(Exception):
    """The other side answered a request by an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Gone(Exception):
    """The other side is no longer there."""


class Handler(Protocol):
    """Takes what the other side says, in its order: the next message waits until it returns."""

    async def notified(self, method: str, params: JsonObject) -> None:
        """A notification came."""

    async def asked(self, id: RequestId, method: str, params: JsonObject) -> None:
        """A request came; it is answered by `Peer.answer` or `Peer.refuse`, now or later. Raises `RpcError`."""


class Peer:
    """One end of a conversation. What is sent is in order; so is what is handled, responses included."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._waiting: dict[RequestId, asyncio.Future[Any]] = {}
        self._count = 0
        self._gone = False

    async def run(self) -> None:
        """Read until the other side ends, or says something too long; then whoever waits hears that it is gone."""
        try:
            while line := await self._reader.readline():
                await self._take(line)
        except (ValueError, ConnectionError) as error:
            log.warning("What an agent says is not heard any more: %s", error)  # too long, or broken off
        except Exception:
            log.exception("Taking what an agent said failed")
        finally:
            self.gone()

    def gone(self) -> None:
        """Nothing is heard any more; harmless when repeated."""
        self._gone = True
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Gone())
                future.exception()  # whoever waits hears it; that nobody does is no defect

    async def request(self, method: str, params: JsonObject, timeout_s: float | None = None) -> Any:
        """The result. Raises `RpcError`, `Gone`, or `asyncio.TimeoutError`."""
        if self._gone:
            raise Gone()
        self._count += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._count] = future
        id = self._count
        try:
            await self._send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
            return await asyncio.wait_for(future, timeout_s)
        finally:
            self._waiting.pop(id, None)

    async def notify(self, method: str, params: JsonObject) -> None:
        """Say something that is not answered; nothing when the other side is gone."""
        with contextlib.suppress(Gone):
            await self._send({"jsonrpc": "2.0", "method": method, "params": params})

    async def answer(self, id: RequestId, result: Any) -> None:
        """Answer a request; nothing when the other side is gone."""
        with contextlib.suppress(Gone):
            await self._send({"jsonrpc": "2.0", "id": id, "result": result})

    async def refuse(self, id: RequestId, error: RpcError) -> None:
        """Answer a request by an error; nothing when the other side is gone."""
        with contextlib.suppress(Gone):
            told = {"code": error.code, "message": error.message}
            await self._send({"jsonrpc": "2.0", "id": id, "error": told})

    async def _send(self, message: JsonObject) -> None:
        if self._gone or self._writer.is_closing():
            raise Gone()
        try:
            self._writer.write(msgspec.json.encode(message) + b"\n")
            await self._writer.drain()
        except (ConnectionError, RuntimeError) as error:
            raise Gone() from error

    async def _take(self, line: bytes) -> None:
        try:
            message = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # some print other things on the same stream
        if not isinstance(message, dict):
            return
        method, id, params = message.get("method"), message.get("id"), message.get("params")
        params = params if isinstance(params, dict) else {}
        if not isinstance(method, str):
            self._resolve(message)
        elif isinstance(id, int | str):
            try:
                await self._handler.asked(id, method, params)
            except RpcError as error:
                await self.refuse(id, error)
        else:
            await self._handler.notified(method, params)

    def _resolve(self, message: JsonObject) -> None:
        future = self._waiting.pop(message.get("id"), None)  # type: ignore[arg-type]
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
            return
        error = error if isinstance(error, dict) else {}
        code = error.get("code")
        found = RpcError(code if isinstance(code, int) else INTERNAL, str(error.get("message", "")), error.get("data"))
        future.set_exception(found)
