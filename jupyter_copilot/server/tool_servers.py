"""`api/copilot/mcp_servers`: the servers of others, and what people say of their tools."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct
from tornado import web

from ..protocol.errors import Rejected, ToolError
from .rest import CopilotHandler, authorised


class Trust(Struct, frozen=True, kw_only=True, tag="trust", forbid_unknown_fields=True):
    """Whether a tool only reads, as a person says who saw it as `pin` names it."""

    server: str
    tool: str
    pin: str
    trusted: bool


class Reconnect(Struct, frozen=True, kw_only=True, tag="reconnect", forbid_unknown_fields=True):
    """Connect to a server anew, at once."""

    server: str


Wish = Trust | Reconnect
_CODES: dict[str, Literal["stale", "not_found"]] = {"stale": "stale", "not_found": "not_found"}


class ToolServersHandler(CopilotHandler):
    """`GET`: each server, its state, its tools, who trusts them, the end of its log. `POST`: trust, or reconnect."""

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """The servers; their logs are told to those only who may run code."""
        told = self.services.servers.describe()
        if "execute" not in self.visitor.rights:
            told = [{**each, "log": ""} for each in told]
        self.answer({"servers": told})

    @web.authenticated
    @authorised
    async def post(self) -> None:
        """Do what a person wishes; it takes the rights to execute and to decide, as it widens what happens unasked."""
        if not {"execute", "decide"} <= self.visitor.rights:
            raise Rejected("forbidden", "This takes the right to run code, and to decide.")
        try:
            wish = msgspec.json.decode(self.body, type=Wish)
        except msgspec.DecodeError as error:
            raise Rejected("invalid_value", f"This cannot be done: {error}.") from None
        try:
            match wish:
                case Trust():
                    self.services.servers.trust(wish.server, wish.tool, wish.pin, wish.trusted)
                case Reconnect():
                    self.services.servers.reconnect(wish.server)
        except ToolError as error:
            raise Rejected(_CODES.get(error.code, "invalid_value"), error.message, hint=error.hint) from None
        self.answer({"servers": self.services.servers.describe()})
