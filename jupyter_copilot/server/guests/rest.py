"""`POST …/notebooks/<path>/guests`: let an agent from outside in; the only time that its token is told."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct
from tornado import web

from ... import protocol as p
from ...protocol.errors import Rejected
from ..rest import CopilotHandler, authorised
from .clients import CLIENTS
from .tokens import digest_of, new_guest_id, new_token

DAY_S = 86_400


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a guest is to be called, where it belongs, and what it may do for how many days.

    Without `thread_id` it gets a thread of its own.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")] = "Agent"
    thread_id: p.ThreadId | None = None
    scope: p.GuestScope = "propose"
    days: Annotated[float, Meta(gt=0, le=365)] = 30


class GuestsHandler(CopilotHandler):
    """`POST …/notebooks/<path>/guests`: makes a token of its own kind, which the answer tells once."""

    @web.authenticated
    @authorised
    async def post(self, path: str) -> None:
        """Let a guest in, by the command that says so; answers its token and its address below the server's own."""
        try:
            wanted = msgspec.json.decode(self.body or b"{}", type=Wanted)
        except msgspec.DecodeError as error:
            raise Rejected("invalid_value", f"A guest cannot be let in so: {error}.") from None
        api_path, key = await self.services.paths.find(path)
        room = await self.services.rooms.at(key)
        guest_id = new_guest_id()
        token = new_token(room.room_id, guest_id)
        thread_id = wanted.thread_id or p.ThreadId(f"guest.{guest_id}")
        command = p.AdmitGuest(
            guest_id=guest_id,
            name=wanted.name,
            thread_id=thread_id,
            digest=digest_of(token),
            scope=wanted.scope,
            expires_in_s=wanted.days * DAY_S,
        )
        self.services.rooms.rate(room, self.visitor.actor).spend(1)
        actor = msgspec.structs.replace(self.visitor.actor, surface="rest")
        await room.submit(command, actor, self.visitor.rights, p.CommandId(f"admit.{guest_id}"))
        self.set_header("Cache-Control", "no-store")
        self.answer(
            {
                "guest_id": guest_id,
                "token": token,
                "address": f"api/copilot/mcp/{quote(api_path)}",
                "thread_id": thread_id,
                "expires_at": room.state.guests[guest_id].expires_at,
                "clients": CLIENTS,
            },
            201,
        )
