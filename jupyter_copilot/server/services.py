"""What the handlers share: rooms, paths, who is connected, and who is behind a request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Set
from typing import Any

from jupyter_server.base.handlers import JupyterHandler

from .. import protocol as p
from ..agent.registry import Agents
from ..agent.run_context import Toolbox
from ..core.decide.rules import rules_without_right
from ..core.state import open_confirmations
from ..ports.catalog import Catalog
from ..ports.clock import Clock
from ..ports.maintenance import Maintenance
from ..ports.model import ModelClient
from ..protocol.errors import Rejected, StoreError
from ..room.registry import Rooms
from ..room.session.session import Session
from ..room.session.visitor import Visitor
from ..tools.mcp.servers import McpServers
from .connections import Connections
from .guests.door import Door
from .guests.passes import Passes
from .identity import identify_again, visitor_of
from .kernels.participants import KernelParticipants
from .mcp.hands import LentHands
from .paths import NotebookPaths
from .permissions.policy_file import Policy
from .sign_in import SignIns
from .transport import Unread


class Services:
    """The extension's parts, handed to each handler."""

    def __init__(
        self,
        *,
        rooms: Rooms,
        kernels: KernelParticipants,
        maintenance: Maintenance,
        catalog: Catalog,
        paths: NotebookPaths,
        clock: Clock,
        model: ModelClient,
        agents: Agents,
        recheck_s: float,
        grace_s: float,
        sign_ins: SignIns,
        tools: Toolbox,
        servers: McpServers,
        hands: LentHands,
        browser_decides: bool,
        policy: Policy,
        version: str,
    ) -> None:
        self.rooms = rooms
        self.kernels = kernels
        self._maintenance = maintenance
        self._catalog = catalog
        self.paths = paths
        self.clock = clock
        self.model = model
        self.agents = agents
        self.version = version
        self.tools = tools
        self.servers = servers
        self.hands = hands
        self.unread = Unread(rooms.options.stalled_s)
        self.door = Door(rooms, catalog, clock)
        self.passes = Passes(clock)
        self._recheck_s = recheck_s
        self._sign_ins = sign_ins
        self._browser_decides = browser_decides
        self._policy = policy
        self.connections = Connections(self._look_up, clock, grace_s, lambda error: self.on_problem(error))

    async def visitor(self, handler: JupyterHandler, user: Any) -> Visitor:
        """Who is behind a request, and what they may do."""
        found = await visitor_of(
            handler, user, self._sign_ins, browser_decides=self._browser_decides, groups=self._policy.groups
        )
        await self._end_what_is_no_right(found.actor, found.rights)
        return found

    async def _end_what_is_no_right(self, actor: p.Actor, rights: Set[p.Right]) -> None:
        """End the rules, votes and modes of somebody who may no longer grant them, in every room that is loaded.

        That another sign-in of theirs may not decide says nothing of the one in which they did.
        """
        has: frozenset[p.Right] = frozenset({*rights, "decide"})
        for room in self.rooms.loaded():
            if rules_without_right(room.state, actor, has):
                with contextlib.suppress(Rejected, StoreError):  # the next check ends them
                    await room.record(lambda state, now: rules_without_right(state, actor, has), p.SERVER)

    async def _look_up(self, handler: JupyterHandler) -> Visitor | None:
        user = await identify_again(handler)
        if user is not None:
            return await self.visitor(handler, user)
        gone = handler.current_user
        await self._end_what_is_no_right(p.Actor(kind="person", id=gone.username, name=gone.username), frozenset())
        return None

    def disconnected(self, session: Session) -> None:
        """A socket is closed, and the room is left."""
        self.connections.disconnected(session)
        self.rooms.leave(session)

    async def keep_rechecking(self) -> None:
        """Recheck at the configured interval, for ever."""
        while True:
            await self.clock.sleep(self._recheck_s)
            try:
                await self.connections.recheck()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # whatever it is, the checks go on
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
            "faults": await self._maintenance.verify() if verify else None,
        }

    def on_problem(self, error: Exception) -> None:
        """Said when a recheck fails; the server application logs it."""
