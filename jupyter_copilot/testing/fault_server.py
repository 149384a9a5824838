"""A model server for tests: real HTTP on loopback, scripted replies, and every fault of real servers on demand.

In the test's own event loop::

    async with FaultServer([answer("Hello", gate="middle"), status(429, retry_after=2)]) as server:
        client = OpenAIModelClient(server.settings(), clock)
        ...
        await server.reached("middle")      # the first half was sent
        server.open("middle")

With the loop of a thread: `FaultServerThread`. As a process of its own::

    python -m jupyter_copilot.testing.fault_server --script script.json --port-file port

where the script is what `encode_script` writes, or a list by hand: `[{"use": "answer", "text": "Hello"}, {"fault":
"stall"}]`. Gates are opened by `POST /control/open/<gate>`, and `GET /control/state` tells what happened.

A script refuses to be half-used: closing the server raises `AssertionError` when a reply is left over or when a
request came that no reply was for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec
from msgspec import Struct
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from typing_extensions import Self, assert_never, override

from ..models.configuration import read_settings
from ..models.settings import ModelSettings
from . import replies
from .faults import FAULTS
from .replies import Drop, Gate, JsonObject, Part, Pause, Raw, Reply, Stall

KEY = "test-key"
MODEL = "test-model"


class Request(Struct, frozen=True, kw_only=True):
    """A request as it came; of its key only is kept whose it is: `expected`, `none` (a placeholder) or `other`."""

    path: str
    body: JsonObject
    headers: dict[str, str]
    key: Literal["expected", "none", "other"]


class FaultServer:
    """The server in the current event loop, from `start` to `close`; also an async context manager.

    `requests` are those for answers, in chat or at the cursor (`path` tells which); `disconnects` counts clients that
    went away before their reply ended.
    """

    def __init__(self, script: Iterable[Reply], port: int = 0) -> None:
        self.requests: list[Request] = []
        self.disconnects = 0
        self._script = list(script)
        self._port = port
        self._surprises: list[str] = []
        self._waiting: set[str] = set()
        self._open: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._server: HTTPServer | None = None

    async def start(self) -> None:
        """Listen on loopback."""
        sockets = bind_sockets(self._port, "127.0.0.1")
        self._port = sockets[0].getsockname()[1]
        routes: list[Any] = [
            (r"/.*/chat/completions", _Completions, {"server": self}),
            (r"/v1/(?:fim/)?completions", _Completions, {"server": self}),
            (r"/infill", _Completions, {"server": self}),
            (r"/v1/models", _Models),
            (r"/control/open/([\w.-]+)", _Open, {"server": self}),
            (r"/control/state", _State, {"server": self}),
        ]
        self._server = HTTPServer(Application(routes, log_function=lambda handler: None))
        self._server.add_sockets(sockets)

    async def close(self) -> None:
        """Stop, cutting what is still open. Raises `AssertionError` when the script was not used as written."""
        left, surprises = self.left(), self._surprises
        self._script, self._surprises = [], []
        for gate in self._open.values():
            gate.set()
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()
            self._server = None
        assert not surprises, f"No reply of the script was for: {surprises}"
        assert not left, f"Replies of the script that were left over: {left}"

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"http://127.0.0.1:{self._port}/v1"

    def environ(self) -> dict[str, str]:
        """The environment variables that make this server the model."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": MODEL}

    def settings(self, **model: Any) -> ModelSettings:
        """Settings with this server's one model, `test-model`; arguments are fields of its `ModelTable`.

        `connect_s`, `first_chunk_s`, `idle_s` and `api_key` go to its `EndpointTable`.
        """
        of_endpoint = ("connect_s", "first_chunk_s", "idle_s", "api_key")
        endpoint = {"base_url": self.base_url, "api_key": KEY}
        endpoint |= {name: model.pop(name) for name in of_endpoint if name in model}
        return read_settings({}, {"endpoints": {"test": {**endpoint, "models": [{"name": MODEL, **model}]}}})

    def add(self, *script: Reply) -> None:
        """More replies, after those that are left."""
        self._script += script

    def left(self) -> int:
        """How many replies still have to be asked for."""
        return sum(not reply.repeat for reply in self._script)

    def open(self, gate: str) -> None:
        """Let the reply at this gate go on, now or once it comes there."""
        self._gate(gate).set()

    async def reached(self, gate: str) -> None:
        """Wait until a reply stands at this gate: everything before it was sent."""
        await self._until(lambda: gate in self._waiting)

    async def requested(self, count: int = 1) -> Request:
        """Wait until this many requests came, and return the last of them."""
        await self._until(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def disconnected(self, count: int = 1) -> None:
        """Wait until this many clients went away before their reply ended."""
        await self._until(lambda: self.disconnects >= count)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._script, self._surprises = [], []
        await self.close()

    # What the handlers use

    def take(self, request: Request) -> Reply:
        """The reply for this request; one that says so when the script has none."""
        self.requests.append(request)
        text = json.dumps(request.body)
        found = next((reply for reply in self._script if reply.when in text), None)
        self.note()
        if found is None:
            self._surprises.append(text[-300:])
            return replies.refusal(501, "The script has no reply for this request.")
        if not found.repeat:
            self._script.remove(found)
        return found

    def note(self, *, disconnect: bool = False) -> None:
        """Wake whoever waits for something to happen."""
        self.disconnects += disconnect
        self._changed.set()
        self._changed = asyncio.Event()

    async def pass_gate(self, name: str) -> None:
        """Wait at the gate."""
        self._waiting.add(name)
        self.note()
        await self._gate(name).wait()
        self._waiting.discard(name)

    def state(self) -> JsonObject:
        """What happened so far, as plain JSON values."""
        requests = [msgspec.to_builtins(request) for request in self.requests]
        return {
            "requests": requests,
            "disconnects": self.disconnects,
            "waiting": sorted(self._waiting),
            "left": self.left(),
        }

    def _gate(self, name: str) -> asyncio.Event:
        return self._open.setdefault(name, asyncio.Event())

    async def _until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            await self._changed.wait()


class _Completions(RequestHandler):
    """Plays one reply of the script."""

    def initialize(self, server: FaultServer) -> None:
        self._faults = server
        self._cut = False
        self._gone = asyncio.Event()

    @override
    def check_xsrf_cookie(self) -> None:
        """A model server has no cookies."""

    async def post(self) -> None:
        reply = self._faults.take(_recorded(self.request))
        self.set_status(reply.status)
        self.set_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.set_header(name, value)
        try:
            for part in reply.parts:
                await self._play(part)
        except StreamClosedError:
            return

    async def _play(self, part: Part) -> None:
        match part:
            case Raw(text):
                self.write(text.encode("utf-8", "surrogateescape"))
                await self.flush()
            case Gate(name):
                await self._unless_gone(self._faults.pass_gate(name))
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Stall():
                await self._gone.wait()
                raise StreamClosedError()
            case Drop():
                await self.flush()
                self._cut = True
                self.request.connection.stream.close()  # type: ignore[union-attr]
                raise StreamClosedError()
            case _:
                assert_never(part)

    async def _unless_gone(self, waiting: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.ensure_future(waiting), asyncio.ensure_future(self._gone.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        if self._gone.is_set():
            raise StreamClosedError()

    @override
    def on_connection_close(self) -> None:
        self._gone.set()
        self._faults.note(disconnect=not self._cut)


class _Models(RequestHandler):
    """The one model that there is, with room for what the tests ask."""

    def get(self) -> None:
        self.write({"object": "list", "data": [{"id": MODEL, "object": "model", "max_model_len": 128_000}]})


class _Open(RequestHandler):
    """Opens a gate from another process."""

    def initialize(self, server: FaultServer) -> None:
        self._faults = server

    @override
    def check_xsrf_cookie(self) -> None:
        """Tests have no cookies."""

    def post(self, gate: str) -> None:
        self._faults.open(gate)


class _State(RequestHandler):
    """Tells another process what happened."""

    def initialize(self, server: FaultServer) -> None:
        self._faults = server

    def get(self) -> None:
        self.write(self._faults.state())


def _recorded(request: HTTPServerRequest) -> Request:
    headers = {name.lower(): value for name, value in request.headers.get_all()}
    keys = [headers.pop(name, "").removeprefix("Bearer ") for name in ("authorization", "api-key")]
    sent = {key for key in keys if key not in ("", "none")}
    whose: Literal["expected", "none", "other"] = "expected" if sent == {KEY} else "other" if sent else "none"
    return Request(path=request.path, body=json.loads(request.body), headers=headers, key=whose)


def encode_script(script: Iterable[Reply]) -> bytes:
    """The script as JSON, for another process."""
    return msgspec.json.encode(list(script))


def decode_script(text: bytes | str) -> list[Reply]:
    """Read a script: replies as `encode_script` writes them, `{"use": builder, …}` or `{"fault": name}`."""
    script: list[Reply] = []
    for entry in json.loads(text):
        repeat, when = entry.get("repeat", False), entry.get("when", "")
        if "fault" in entry:
            script += FAULTS[entry["fault"]]()
        elif "use" in entry:
            arguments = {key: value for key, value in entry.items() if key not in ("use", "repeat", "when")}
            built: Reply = getattr(replies, entry["use"])(**arguments)
            script.append(msgspec.structs.replace(built, repeat=repeat, when=when))
        else:
            script.append(msgspec.convert(entry, Reply))
    return script


async def _serve(script: list[Reply], port: int, port_file: Path | None) -> None:
    server, stop, loop = FaultServer(script, port), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.start()
    if port_file is not None:
        written = port_file.with_suffix(".part")
        written.write_text(server.base_url.split(":")[2].split("/")[0])
        written.replace(port_file)
    print(server.base_url, flush=True)
    await stop.wait()
    await server.close()


def main(arguments: list[str] | None = None) -> int:
    """Serve a script until SIGTERM; exits with 1 when it was not used as written."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--script", type=Path, required=True, help="a JSON file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", type=Path, help="where to write the port once it listens")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(decode_script(options.script.read_bytes()), options.port, options.port_file))
    except AssertionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
