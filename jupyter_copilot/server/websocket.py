"""The WebSocket of a notebook: authenticate, authorise, look up, then hand every frame to a session."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketHandler

from .. import protocol as p
from ..protocol.errors import Rejected, StoreError
from ..room.session.session import Session
from ..room.session.visitor import Visitor
from .identity import RESOURCE
from .services import Services
from .transport import SocketTransport


class RoomSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """A WebSocket into a room; `get` of the subclass says whose, and which room."""

    visitor: Visitor
    key: str
    session: Session | None = None

    def initialize(self, services: Services) -> None:
        """Take the extension's services."""
        self.services = services

    def get_compression_options(self) -> dict[str, Any] | None:
        """Whatever the server is configured to."""
        options: dict[str, Any] | None = self.settings.get("websocket_compression_options")
        return options

    def set_default_headers(self) -> None:
        """A WebSocket needs none of the page's headers."""

    async def open(self, *path: str) -> None:
        """Enter the room; a room that cannot be entered is said in the closing frame."""
        super().open(*path)  # starts the pings
        # Else a frame waits until the one before is acknowledged: up to 40 ms, more than a tick.
        self.set_nodelay(True)
        transport = SocketTransport(self)
        try:
            room = await self.services.rooms.at(self.key)
            if self.ws_connection is None:
                return
            self.session = self.services.rooms.enter(room, self.visitor, transport)
        except (Rejected, StoreError) as error:
            code = {"room_full": p.CLOSE_ROOM_FULL, "draining": p.CLOSE_DRAINING}.get(error.code, p.CLOSE_STORE)
            transport.send(p.encode(p.Closing(code=code, reason=str(error), retry="after")))
            self.close(code, error.code)
        else:
            self.entered(self.session)

    def entered(self, session: Session) -> None:
        """The room was entered."""

    async def on_message(self, message: str | bytes) -> None:
        """Hand a frame to the session."""
        if self.session is not None:
            await self.session.receive(message)

    def on_close(self) -> None:
        """Leave the room."""
        super().on_close()
        if self.session is not None:
            self.left(self.session)

    def left(self, session: Session) -> None:
        """The socket is closed, and the room must be left."""


class ChannelHandler(RoomSocket):
    """`…/notebooks/<path>/channel`: the WebSocket of a person."""

    auth_resource = RESOURCE

    @ws_authenticated
    async def get(self, path: str) -> None:
        """Check who it is, what they may do, and that the notebook is there; then upgrade."""
        self.visitor = await self.services.visitor(self, self.current_user)
        if "read" not in self.visitor.rights:
            raise web.HTTPError(403, "You may not see this notebook's copilot.")
        _, self.key = await self.services.paths.find(path)
        await super().get(path)

    def entered(self, session: Session) -> None:
        """From now on it is checked now and then whether the person still may be here."""
        self.services.connections.connected(self, session)

    def left(self, session: Session) -> None:
        """The person's socket is gone."""
        self.services.disconnected(session)
