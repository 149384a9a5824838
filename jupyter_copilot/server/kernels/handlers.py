"""The doors for kernels: the same room and the same rules, for whoever holds a running kernel's token.

A kernel's token is no token of Jupyter: no other route takes it, and these routes take nothing else.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from ...kernel.environment import TOKEN_HEADER
from ...protocol.errors import Rejected, StoreError
from ...room.session.session import Session
from ..rest import CopilotHandler, submit
from ..websocket import RoomSocket


class _ForKernels:
    """What both doors share: a token in a header, and never a browser."""

    request: Any

    def kernel_token(self) -> str | None:
        """The kernel's token. Raises 403 for whatever carries an origin, as only browsers do."""
        if "Origin" in self.request.headers or "Sec-WebSocket-Origin" in self.request.headers:
            raise web.HTTPError(403, "This is for kernels, not for web pages.")
        token: str | None = self.request.headers.get(TOKEN_HEADER)
        return token


class KernelChannelHandler(_ForKernels, RoomSocket):
    """`api/copilot/kernel/channel`: the WebSocket of a kernel into its notebook's room."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Find out which kernel it is and where it belongs; then upgrade."""
        self.visitor, self.key = await self.services.kernels.admit(self.kernel_token())
        self.services.kernels.check_crowd(self.visitor.actor.id)
        await super().get()

    def entered(self, session: Session) -> None:
        """The kernel is in its room."""
        self.services.kernels.connected(session)

    def left(self, session: Session) -> None:
        """The socket is gone."""
        self.services.kernels.disconnected(session)


class KernelCommandsHandler(_ForKernels, CopilotHandler):
    """`POST api/copilot/kernel/commands`: one command of a kernel, answered when it is committed."""

    def check_xsrf_cookie(self) -> None:
        """No cookie lets anybody in here, so there is none to protect."""

    def is_known(self) -> bool:
        """Whether a running kernel has this token."""
        return self.services.kernels.knows(self.kernel_token())

    @allow_unauthenticated
    async def post(self) -> None:
        """Submit the command; answers an ack, or a reject."""
        self.visitor, key = await self.services.kernels.admit(self.kernel_token())
        try:
            room = await self.services.rooms.at(key)
        except Rejected as refusal:
            self.refuse(None, refusal)
        except StoreError as error:
            self.refuse(None, Rejected("store_unavailable", error.message, retry="after", hint=error.hint))
        else:
            await submit(self, room, lambda command: self.services.kernels.refused(room, self.visitor.actor, command))
