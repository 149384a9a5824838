"""What the handlers share: rooms, paths, and the check that people who are connected still may be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_server.base.handlers import JupyterHandler

from .. import protocol as p
from ..agent.registry import Agents
from ..core.state import open_confirmations
from ..ports.clock import Clock
from ..ports.event_log import Catalog, EventLog
from ..ports.model import ModelClient
from ..room.registry import Rooms
from ..room.session.session import Session
from ..room.session.visitor import Visitor
from .identity import identify_again, visitor_of
from .kernels.participants import KernelParticipants
from .paths import NotebookPaths
from .sign_in import SignIns


class Services:
    """The extension's parts, handed to each handler."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        kernels: KernelParticipants,
        log: EventLog,
        catalog: Catalog,
        paths: NotebookPaths,
        clock: Clock,
        model: ModelClient,
        agents: Agents,
        recheck_s: float,
        sign_ins: SignIns,
        browser_decides: bool,
        version: str,
    ) -> None:
        self.rooms = rooms
        self.kernels = kernels
        self._log = log
        self._catalog = catalog
        self.paths = paths
        self.clock = clock
        self.model = model
        self.agents = agents
        self.version = version
        self._recheck_s = recheck_s
        self._sign_ins = sign_ins
        self._browser_decides = browser_decides
        self._connected: dict[Session, JupyterHandler] = {}
        self._streaming: dict[JupyterHandler, Callable[[], object]] = {}

    async def visitor(self, handler: JupyterHandler, user: Any) -> Visitor:
        """Who is behind a request, and what they may do."""
        return await visitor_of(handler, user, self._sign_ins, browser_decides=self._browser_decides)

    def connected(self, handler: JupyterHandler, session: Session) -> None:
        """A person's socket is open: it is checked again from time to time."""
        self._connected[session] = handler

    def disconnected(self, session: Session) -> None:
        """A socket is closed."""
        self._connected.pop(session, None)
        self.rooms.leave(session)

    @contextlib.contextmanager
    def streaming(self, handler: JupyterHandler, end: Callable[[], object]) -> Iterator[None]:
        """A stream of records is open: it is checked again from time to time, and `end` cuts it off."""
        self._streaming[handler] = end
        try:
            yield
        finally:
            del self._streaming[handler]

    async def recheck(self) -> int:
        """Ask for everybody's identity and rights again, and cut off whose differ; returns how many were."""
        cut = await self._recheck_streams()
        for session, handler in list(self._connected.items()):
            user = await identify_again(handler)
            if user is None or user.username != session.actor.id:
                session.close(p.CLOSE_REAUTH, "You are signed out, or may no longer use this server.", "reauth")
                cut += 1
                continue
            visitor = await self.visitor(handler, user)
            if "read" not in visitor.rights:
                session.close(p.CLOSE_FORBIDDEN, "You may no longer see this notebook's copilot.", "never")
                cut += 1
            elif visitor.rights != session.visitor.rights:
                session.close(p.CLOSE_DRAINING, "What you may do here has changed.", "after")
                cut += 1
        return cut

    async def _recheck_streams(self) -> int:
        cut = 0
        for handler, end in list(self._streaming.items()):
            if not await self._may_stay(handler):
                end()
                cut += 1
        return cut

    async def _may_stay(self, handler: JupyterHandler) -> bool:
        """Whether who opened a stream may still read it; while the identity service is down, they may."""
        try:
            user = await identify_again(handler)
            return user is not None and "read" in (await self.visitor(handler, user)).rights
        except Exception as error:
            self.on_problem(error)
            return True

    async def keep_rechecking(self) -> None:
        """Recheck at the configured interval, for ever."""
        while True:
            await self.clock.sleep(self._recheck_s)
            try:
                await self.recheck()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # an identity service that is down must not end the checks
                self.on_problem(error)

    async def room_list(self) -> list[dict[str, Any]]:
        """The rooms of notebooks below this server's root, with how many sessions and runs are in each now."""
        loaded = {room.room_id: room for room in self.rooms.loaded()}
        listed = []
        for entry in await self._catalog.rooms():
            path = self.paths.api_path(entry.path)
            if path is None or entry.archived_at is not None or not entry.seq:
                continue
            room = loaded.get(entry.room_id)
            listed.append(
                {
                    "path": path,
                    "records": entry.seq,
                    "created_at": entry.created_at,
                    "updated_at": entry.updated_at,
                    "here": len(room.presence.participants) if room is not None else 0,
                    "busy": room is not None and room.is_busy,
                    "pending": sum(1 for _ in open_confirmations(room.state)) if room is not None else None,
                }
            )
        return listed

    async def status(self, *, verify: bool) -> dict[str, Any]:
        """Versions, the store's notices, and with `verify` its faults."""
        return {
            "version": self.version,
            "protocol": p.PROTOCOL_VERSION,
            "rooms_loaded": len(self.rooms.loaded()),
            "sessions": len(self.rooms.sessions()),
            "models": self.model.models(),
            "notices": self.rooms.host.notices(),
            "faults": await self._log.verify() if verify else None,
        }

    def on_problem(self, error: Exception) -> None:
        """Said when a recheck fails; the server application logs it."""
