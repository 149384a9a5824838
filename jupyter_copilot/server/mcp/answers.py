"""What each method is answered by: a result at once, or a request of the guest that is followed to its end."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import msgspec

from ... import protocol as p
from ...agent.guest.tools import GuestTools
from ...protocol import JsonObject
from ...protocol.errors import Rejected
from ..guests.requests import Visit
from ..services import Services
from . import wire
from .texts import STATUS, STATUS_TOOL, TOGETHER, TOGETHER_TOOL, definition, failure, instructions, results, undecided

SCHEME = "notebook:///"
_CELLS = "/cells/"
PATIENCE_S, SHORT_PATIENCE_S = 240.0, 50.0
"""How long a call is waited for, with progress and for clients that take none: many give up after a minute."""
STATUS_WAIT_S = 20.0


class Answers:
    """Answers one guest, about one notebook."""

    def __init__(self, visit: Visit, services: Services, path: str) -> None:
        self._visit = visit
        self._services = services
        self._path = path
        self._tools = GuestTools(services.tools, visit.guest.scope)

    async def to(self, message: wire.Message) -> JsonObject | str:
        """The result, or the id of the request that has it. Raises `WireError`."""
        match message.method:
            case "initialize":
                return {"protocolVersion": wire.handshake(message.params), **self._introduction()}
            case "server/discover":
                known = {"supportedVersions": wire.SUPPORTED, **self._introduction()}
                return {**known, **self._cached(message, 0)}
            case "ping":
                return {}
            case "tools/list":
                return {"tools": self._definitions(), **self._cached(message, 60_000)}
            case "tools/call":
                return await self._call(message.params)
            case "resources/list":
                return {"resources": [self._resource()], **self._cached(message, 60_000)}
            case "resources/templates/list":
                return {"resourceTemplates": [self._template()], **self._cached(message, 60_000)}
            case "resources/read":
                return await self._ask(self._read(message.params.get("uri")))
            case _:
                raise wire.WireError(wire.NO_METHOD, f"There is no method {message.method!r} here.")

    def _introduction(self) -> JsonObject:
        return {
            "capabilities": {"tools": {}, "resources": {}},
            "serverInfo": {"name": "jupyter-collaborative-copilot", "version": self._services.version},
            "instructions": instructions(self._path, self._visit.guest.scope),
        }

    def _cached(self, message: wire.Message, ttl_ms: int) -> JsonObject:
        return {"ttlMs": ttl_ms, "cacheScope": "private"} if message.modern else {}

    # Tools

    def _definitions(self) -> list[JsonObject]:
        return [*(definition(tool) for tool in self._tools.all()), *own_tools(self._visit.guest.scope)]

    async def _call(self, params: JsonObject) -> JsonObject | str:
        name, args = params.get("name"), params.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(args, dict):
            raise wire.WireError(wire.INVALID_PARAMS, "A call has a name, and an object of arguments.")
        if name == STATUS:
            return self._status(args)
        if name == TOGETHER and self._visit.guest.scope == "propose":
            try:
                calls = msgspec.convert(args.get("calls"), list[p.RequestedCall])
            except msgspec.ValidationError as error:
                return failure(f"These are no calls: {error}.", f"call {TOGETHER} with tool and args for each.")
            if not calls or any(call.tool in (STATUS, TOGETHER) for call in calls):
                return failure("Only calls of other tools go together.", f"call {TOGETHER} with at least one of them.")
            return await self._ask(calls)
        if self._tools.get(name) is None:
            names = ", ".join(tool.name for tool in self._tools.all())
            return failure(f"There is no tool {name!r}.", f"call one of {names}.")
        return await self._ask([p.RequestedCall(tool=name, args=args)])

    async def _ask(self, calls: list[p.RequestedCall]) -> JsonObject | str:
        try:
            return await self._visit.requests.ask(self._visit, calls)
        except Rejected as refusal:
            return failure(str(refusal), "wait until an earlier call is decided; call_status tells.")

    def _status(self, args: JsonObject) -> JsonObject | str:
        call_id = args.get("call_id")
        if not isinstance(call_id, str) or self._visit.requests.calls(self._visit, call_id) is None:
            return failure("You made no call with this id, or it is long ago.", "call read_notebook to see what is so.")
        return call_id

    def patience(self, message: wire.Message) -> float:
        """How many seconds the result of a call is waited for."""
        most = SHORT_PATIENCE_S if message.progress_token is None else PATIENCE_S
        if message.method != "tools/call" or message.params.get("name") != STATUS:
            return most
        wanted = (message.params.get("arguments") or {}).get("wait_s")
        return float(min(most, max(0, wanted) if isinstance(wanted, int | float) else STATUS_WAIT_S))

    # Resources

    @property
    def _uri(self) -> str:
        return SCHEME + quote(self._path)

    def _resource(self) -> JsonObject:
        name = self._path.rpartition("/")[2]
        text = "The cells of the notebook in order, with ids, versions and outputs in short."
        return {"uri": self._uri, "name": name, "description": text, "mimeType": "text/plain"}

    def _template(self) -> JsonObject:
        text = "One cell: its whole source, its outputs, and its pictures."
        return {"uriTemplate": f"{self._uri}{_CELLS}{{cell_id}}", "name": "cell", "description": text}

    def _read(self, uri: Any) -> list[p.RequestedCall]:
        """The call that reads a resource. Raises `WireError` for one that is not here."""
        if uri == self._uri:
            return [p.RequestedCall(tool="read_notebook")]
        start = self._uri + _CELLS
        if isinstance(uri, str) and uri.startswith(start):
            return [p.RequestedCall(tool="read_cell", args={"cell_id": unquote(uri.removeprefix(start))})]
        raise wire.WireError(wire.NOT_FOUND, f"There is no resource {uri!r}. The notebook is {self._uri}.")

    # The end of a request

    def outcome(self, message: wire.Message, request_id: str, over: bool) -> JsonObject:
        """The result of a request that is over, or is not decided after a long time. Raises `WireError`."""
        state = self._visit.room.state
        calls = self._visit.requests.calls(self._visit, request_id)
        if calls is None:
            return failure("This call is no longer at hand.", "call read_notebook to see what is so.")
        result = results(state, calls) if over else undecided(state, request_id, calls)
        return result if message.method == "tools/call" else self._contents(message, result)

    def _contents(self, message: wire.Message, result: JsonObject) -> JsonObject:
        uri = message.params.get("uri")
        if result["isError"]:
            raise wire.WireError(wire.NOT_FOUND, str(result["content"][0]["text"]))
        contents = [
            {"uri": uri, "mimeType": "text/plain", "text": part["text"]}
            if part["type"] == "text"
            else {"uri": uri, "mimeType": part["mimeType"], "blob": part["data"]}
            for part in result["content"]
        ]
        return {"contents": contents, **self._cached(message, 0)}


def own_tools(scope: p.GuestScope) -> list[JsonObject]:
    """The tools that are about calls: what became of one, and several as one proposal."""
    return [STATUS_TOOL] if scope == "read" else [TOGETHER_TOOL, STATUS_TOOL]
