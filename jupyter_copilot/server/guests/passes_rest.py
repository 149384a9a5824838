"""`…/api/copilot/passes`: let an agent that starts from no notebook in, list such agents, and send one away."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from tornado import web

from ... import protocol as p
from ...protocol.errors import Rejected, StoreError
from ..rest import CopilotHandler, authorised
from .clients import CLIENTS
from .passes import Pass
from .rest import DAY_S, Wanted

ADDRESS = "api/copilot/mcp"


class PassesHandler(CopilotHandler):
    """`GET` lists the passes, never their tokens; `POST` makes one, whose token the answer tells once."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """Who may come in, whose guest it is, and when it last came."""
        self.answer({"passes": [_shown(each) for each in self.services.passes.all()]})

    @web.authenticated
    @authorised
    async def post(self) -> None:
        """Make a pass for the person who asks, with no more rights than theirs."""
        try:
            wanted = msgspec.json.decode(self.body or b"{}", type=Wanted)
        except msgspec.DecodeError as error:
            raise Rejected("invalid_value", f"A guest cannot be let in so: {error}.") from None
        if wanted.thread_id is not None:
            raise Rejected("invalid_value", "A guest of many notebooks has a chat of its own in each.")
        if not {"write", "decide"} <= self.visitor.rights:
            raise Rejected("forbidden", "You may watch here, and let nobody in.")
        made, token = self.services.passes.make(
            wanted.name, wanted.scope, self.current_user, self.visitor.actor, wanted.days * DAY_S
        )
        self.set_header("Cache-Control", "no-store")
        self.answer({**_shown(made), "token": token, "address": ADDRESS, "clients": CLIENTS}, 201)


class PassHandler(CopilotHandler):
    """`DELETE …/passes/<id>`: the token is void at once, and the guests that it brought are disconnected."""

    @web.authenticated
    @authorised
    async def delete(self, pass_id: str) -> None:
        """Revoke it in every notebook."""
        if "write" not in self.visitor.rights:
            raise Rejected("forbidden", "You may watch here, and send nobody away.")
        ended = self.services.passes.revoke(pass_id)
        for room in self.services.rooms.loaded():
            guest_id = ended.guests.get(room.room_id)
            if guest_id is not None:
                with contextlib.suppress(Rejected, StoreError):  # its token is void whatever becomes of the record
                    command_id = p.CommandId(f"revoke.{guest_id}")
                    await room.submit(
                        p.RevokeGuest(guest_id=guest_id), self.visitor.actor, self.visitor.rights, command_id
                    )
        self.set_status(204)
        self.finish()


def _shown(each: Pass) -> dict[str, Any]:
    return {
        "pass_id": each.pass_id,
        "name": each.name,
        "scope": each.scope,
        "expires_at": each.expires_at,
        "used_at": each.used_at,
        "made_by": each.actor.name,
        "notebooks": len(each.guests),
    }
