"""`GET api/copilot/inbox`: what waits for the person who asks, in all rooms of this server."""

from __future__ import annotations

from tornado import web

from ..rest import CopilotHandler, authorised
from ..services import Services
from .inbox import Inbox


class InboxHandler(CopilotHandler):
    """`GET api/copilot/inbox`: decisions that wait, and messages that name one and were not seen."""

    def initialize(self, services: Services, inbox: Inbox) -> None:  # type: ignore[override]
        """Take the extension's services and the inbox."""
        super().initialize(services)
        self._inbox = inbox

    @web.authenticated
    @authorised
    async def get(self) -> None:
        """What waits, oldest first."""
        self.set_header("Cache-Control", "no-store")
        self.answer(await self._inbox.of(self.visitor))
