"""`POST api/copilot/mcp`: the door without a notebook, for agents that start from nothing.

Such an agent lists notebooks and opens one, or makes it; each further call names its notebook, and is a call of a guest
of that notebook as any other. No notebook is ever the active one.
"""

from __future__ import annotations

from typing import Any

import msgspec
from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from ... import protocol as p
from ...agent.guest.tools import GuestTools
from ...protocol import JsonObject
from ...protocol.errors import CopilotError
from ..guests.passes import Pass
from ..guests.requests import Visit
from ..identity import rights_of
from . import wire
from .answers import own_tools
from .handler import McpHandler
from .lobby_texts import LIST, LOBBY_INSTRUCTIONS, LOBBY_TOOLS, NOTEBOOK, OPEN, in_notebook
from .notebooks import Shelf
from .texts import definition, failure


class LobbyHandler(McpHandler):
    """One JSON-RPC message of an agent that has a pass."""

    holder: Pass | None = None

    async def _identify(self, token: str | None) -> None:
        self.holder = self.services.passes.find(token)

    def is_known(self) -> bool:
        """Whether an agent that may come in has this token."""
        return self.holder is not None

    @allow_unauthenticated
    async def post(self, path: str = "") -> None:
        """Answer one message."""
        if self.holder is None:
            self._no_guest()
            return
        try:
            message = wire.read(self.body, self.request.headers)
            await self._answer_holder(message, self.holder)
        except wire.WireError as error:
            self._send(wire.error_body(error), error.status)

    async def _answer_holder(self, message: wire.Message, holder: Pass) -> None:
        if message.id is None:
            if message.method == "notifications/cancelled":
                self._cancelled(holder, message.params.get("requestId"))
            self.set_status(202)
            self.finish()
            return
        introduction = {
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "jupyter-collaborative-copilot", "version": self.services.version},
            "instructions": LOBBY_INSTRUCTIONS,
        }
        match message.method:
            case "initialize":
                self._send(message.result({"protocolVersion": wire.handshake(message.params), **introduction}))
            case "server/discover":
                known = {"supportedVersions": wire.SUPPORTED, **introduction, "ttlMs": 0, "cacheScope": "private"}
                self._send(message.result(known))
            case "ping":
                self._send(message.result({}))
            case "tools/list":
                cached = {"ttlMs": 60_000, "cacheScope": "private"} if message.modern else {}
                self._send(message.result({"tools": self._tools(holder), **cached}))
            case "tools/call":
                await self._call(message, holder)
            case _:
                error = wire.WireError(wire.NO_METHOD, f"There is no method {message.method!r} here.")
                error.id, error.status = message.id, 404 if message.modern else 200
                raise error

    def _tools(self, holder: Pass) -> list[JsonObject]:
        theirs = [definition(tool) for tool in GuestTools(self.services.tools, holder.scope).all()]
        return [*LOBBY_TOOLS, *(in_notebook(each) for each in [*theirs, *own_tools(holder.scope)])]

    async def _call(self, message: wire.Message, holder: Pass) -> None:
        name, args = message.params.get("name"), message.params.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(args, dict):
            error = wire.WireError(wire.INVALID_PARAMS, "A call has a name, and an object of arguments.")
            error.id = message.id
            raise error
        try:
            if name in (LIST, OPEN):
                text = await (self._list(holder, args) if name == LIST else self._open(holder, args))
                self._send(message.result({"content": [{"type": "text", "text": text}], "isError": False}))
                return
            path, self.visit = await self._visit(holder, args.get(NOTEBOOK))
        except CopilotError as error:
            self._send(message.result(failure(error.message, error.hint or f"call {LIST}.")))
            return
        rest = {key: value for key, value in args.items() if key != NOTEBOOK}
        inner = msgspec.structs.replace(message, params={**message.params, "arguments": rest})
        await self._answer_to(inner, path)

    # Notebooks

    async def _shelf(self, holder: Pass) -> Shelf:
        """The notebooks as the person who made the pass sees them now. Raises `CopilotError`."""
        shelf = Shelf(self, holder.user)
        if "read" not in await rights_of(self, holder.user):
            raise CopilotError("The person who let you in may no longer come in.", hint="ask people to connect you.")
        await shelf.check("read")
        return shelf

    async def _list(self, holder: Pass, args: JsonObject) -> str:
        folder = args.get("folder") or ""
        return await (await self._shelf(holder)).listed(str(folder))

    async def _open(self, holder: Pass, args: JsonObject) -> str:
        shelf = await self._shelf(holder)
        path = args.get("path")
        if not isinstance(path, str) or not path.endswith(".ipynb"):
            raise CopilotError("A path names a notebook, and ends with .ipynb.", hint=f"call {OPEN} with one.")
        made = ""
        if await shelf.is_free(path):
            if holder.scope == "read":
                raise CopilotError(f"There is no {path!r}, and you may not make it.", hint=f"call {LIST}.")
            made = await shelf.make(path, args.get("kernel"))
        api_path, room = await self._room(path)
        if room.room_id not in holder.guests:
            await self._admit(holder, room)
        await self._visit(holder, api_path)
        return f"{made or 'Open.'} Name it as {NOTEBOOK} {api_path!r} in further calls. Begin with read_outline."

    async def _room(self, path: str) -> tuple[str, Any]:
        try:
            api_path, key = await self.services.paths.find(path)
        except web.HTTPError as error:
            raise CopilotError(str(error.log_message), hint=f"call {LIST} to see which there are.") from error
        return api_path, await self.services.rooms.at(key)

    async def _admit(self, holder: Pass, room: Any) -> None:
        """Let it in here, as by the person who made the pass. Raises `Rejected`."""
        guest_id = p.GuestId(f"{holder.pass_id}.{len(holder.guests) + 1}")
        now = self.services.clock.now()
        command = p.AdmitGuest(
            guest_id=guest_id,
            name=holder.name,
            thread_id=p.ThreadId(f"guest.{guest_id}"),
            digest=holder.digest,
            scope=holder.scope,
            expires_in_s=max(1.0, (holder.expires_at - now) / 1000),
        )
        rights = await rights_of(self, holder.user) | {"decide"}
        await room.submit(command, holder.actor, rights, p.CommandId(f"admit.{guest_id}"))
        holder.guests[room.room_id] = guest_id

    async def _visit(self, holder: Pass, path: object) -> tuple[str, Visit]:
        """The guest that it is in a notebook. Raises `CopilotError` where it is none, or no longer."""
        if not isinstance(path, str):
            raise CopilotError(
                f"The call names no {NOTEBOOK}.", hint=f"call {OPEN}, then name the notebook by its path."
            )
        await self._shelf(holder)
        api_path, room = await self._room(path)
        guest_id = holder.guests.get(room.room_id)
        if guest_id is None:
            raise CopilotError(f"You have not opened {api_path!r}.", hint=f"call {OPEN} with it.")
        guest = room.state.guests.get(guest_id)
        if guest is None or guest.expires_at <= self.services.clock.now():
            raise CopilotError("People have disconnected you from this notebook.", hint="ask them, or work elsewhere.")
        return api_path, Visit(room, guest, self.services.door)

    def _cancelled(self, holder: Pass, client_ref: object) -> None:
        for room in self.services.rooms.loaded():
            guest = room.state.guests.get(holder.guests.get(room.room_id, ""))
            if guest is not None:
                visit = Visit(room, guest, self.services.door)
                self.services.door.cancelled(visit, client_ref)
