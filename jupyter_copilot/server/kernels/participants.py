"""Kernels as participants: who a token stands for, where it leads, and what is left open when a kernel ends."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from jupyter_server.utils import ensure_async
from tornado import web

from ... import protocol as p
from ...core import state as s
from ...ports.clock import Clock
from ...ports.tasks import Tasks
from ...protocol.errors import Rejected, StoreError
from ...room.registry import Rooms
from ...room.room import Plan, Room
from ...room.session.session import Session
from ...room.session.visitor import Visitor
from ..paths import NotebookPaths, clean
from .processes import KernelProcesses, has_died
from .starts import follow_kernels
from .tokens import KernelTokens

MAX_CONNECTIONS = 8
SWEEP_S = 5.0
"""How often it is looked whether a kernel died without a word, as after a crash of the server that it belonged to."""
TELL_EVERY_MS = 10_000
RIGHTS: frozenset[p.Right] = frozenset({"read", "write"})
NO_NOTEBOOK = "No notebook uses this kernel, and the copilot's room belongs to a notebook."


class KernelParticipants:
    """The kernels of this server that may take part, and what the server does in their name."""

    def __init__(
        self, serverapp: Any, rooms: Rooms, paths: NotebookPaths, clock: Clock, log: Any, kernel_url: str = ""
    ) -> None:
        self._serverapp = serverapp
        self._rooms = rooms
        self._paths = paths
        self._clock = clock
        self._log = log
        self._tokens = KernelTokens()
        self._processes = KernelProcesses(serverapp.kernel_manager)
        self._sessions: defaultdict[str, set[Session]] = defaultdict(set)
        self._told: dict[str, int] = {}
        self._tasks = Tasks()
        self._unfollow = follow_kernels(serverapp, self._tokens, self._processes.begins, self._on_end, kernel_url)

    # Coming in

    async def admit(self, token: str | None) -> tuple[Visitor, str]:
        """The kernel with this token as a visitor, and the key of its notebook's room.

        Raises 403 for a void token, 503 while no notebook uses the kernel, and 404 when the notebook is gone.
        """
        kernel_id = self._tokens.kernel_of(token) if token else None
        if kernel_id is None:
            raise web.HTTPError(403, "This is not the token of a running kernel.")
        path, kind = await self._place(kernel_id)
        api_path, key = await self._paths.find(path)
        name = f"{kind.capitalize()} of {api_path.rpartition('/')[2]}"
        actor = p.Actor(
            kind="kernel", id=kernel_id, name=name, client_id=self._processes.name(kernel_id), auth="kernel"
        )
        return Visitor(actor=actor, rights=RIGHTS), key

    def knows(self, token: str | None) -> bool:
        """Whether a running kernel has this token."""
        return bool(token) and self._tokens.kernel_of(token or "") is not None

    def check_crowd(self, kernel_id: str) -> None:
        """Raise 429 when the kernel has too many connections open already."""
        if len(self._sessions[kernel_id]) >= MAX_CONNECTIONS:
            raise web.HTTPError(429, f"A kernel has at most {MAX_CONNECTIONS} connections.")

    async def _place(self, kernel_id: str) -> tuple[str, str]:
        """The path of the kernel's notebook and whether it is its kernel or a console beside it.

        It is looked up at each time: sessions begin under made-up names and are renamed with their notebooks.
        """
        sessions = await ensure_async(self._serverapp.session_manager.list_sessions())
        places = [
            (session["type"] != "notebook", clean(session["path"]))
            for session in sessions
            if session.get("kernel") and session["kernel"]["id"] == kernel_id
        ]
        for is_console, path in sorted(places):
            if path.endswith(".ipynb"):
                return path, "console" if is_console else "kernel"
        raise web.HTTPError(503, NO_NOTEBOOK, reason="No notebook uses this kernel")

    def connected(self, session: Session) -> None:
        """A kernel's socket is open; one too many is closed again, as many may have come at the same moment."""
        here = self._sessions[session.actor.id]
        if len(here) >= MAX_CONNECTIONS:
            session.close(p.CLOSE_ROOM_FULL, f"A kernel has at most {MAX_CONNECTIONS} connections.", "after")
            return
        here.add(session)
        session.on_refused = lambda command, refusal: self.refused(session.room, session.actor, command)

    def disconnected(self, session: Session) -> None:
        """A kernel's socket is closed: perhaps the kernel is gone, perhaps only the connection."""
        here = self._sessions[session.actor.id]
        here.discard(session)
        if not here:
            del self._sessions[session.actor.id]
        self._rooms.leave(session)
        self._tasks.spawn(self.settle())

    def refused(self, room: Room, actor: p.Actor, command: p.Command) -> None:
        """A kernel's command was refused: code that tried to decide is put on record, and the people here are told."""
        if isinstance(command, p.DecideAll):
            for each in command.decisions:
                self.refused(room, actor, each)
            return
        if not isinstance(command, p.Decide):
            return
        self._tasks.spawn(self._put_on_record(room, actor, command.confirmation_id))
        now = self._clock.now()
        if now - self._told.get(actor.id, -TELL_EVERY_MS) < TELL_EVERY_MS:
            return
        self._told[actor.id] = now
        self._log.warning(
            "jupyter-collaborative-copilot: code in kernel %s (%s) tried to decide confirmation %s; it was refused.",
            actor.id,
            actor.name,
            command.confirmation_id,
        )
        asked = room.state.confirmations.get(command.confirmation_id)
        what = f"“{asked.title}”" if asked is not None else "a confirmation"
        message = f"Code in “{actor.name}” tried to decide {what} by itself. It was refused."
        problem = p.Problem(code="kernel_decided", message=message, hint="Look at what ran there last.")
        for session in self._rooms.sessions():
            if session.room is room and session.actor.kind == "person":
                session.notify(problem)

    async def _put_on_record(self, room: Room, actor: p.Actor, confirmation_id: p.ConfirmationId) -> None:
        """Write down that code tried to decide, once for each confirmation: code cannot fill the log."""

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            asked = state.confirmations.get(confirmation_id)
            is_news = isinstance(asked, s.Open) and asked.tried_by is None
            return [p.DecisionRefused(confirmation_id=confirmation_id)] if is_news else []

        await self._record(room, plan, actor)

    # Going

    def _on_end(self, kernel_id: str) -> None:
        self._told.pop(kernel_id, None)
        self._processes.ended(kernel_id)
        for session in tuple(self._sessions.get(kernel_id, ())):
            session.close(p.CLOSE_FORBIDDEN, "The kernel has ended.", "never")
        self._tasks.spawn(self.settle(frozenset({kernel_id})))

    def _has_ended(self, actor: p.Actor) -> bool:
        """Whether the process that opened a confirmation is gone; False when that cannot be told."""
        if actor.client_id is not None and has_died(actor.client_id):
            return True
        process = self._processes.name(actor.id) if actor.id in self._tokens else None
        return process is not None and actor.client_id != process

    async def settle(self, gone: frozenset[str] = frozenset()) -> None:
        """Withdraw the open confirmations of kernels that have ended, and of those whose ids are in `gone`."""

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            return [
                p.ConfirmationWithdrawn(confirmation_id=opened.confirmation_id, reason="The kernel has ended.")
                for opened in s.open_confirmations(state)
                if opened.opened_by.kind == "kernel"
                and (opened.opened_by.id in gone or self._has_ended(opened.opened_by))
            ]

        for room in self._rooms.loaded():
            if plan(room.state, 0):
                await self._record(room, plan, p.SERVER)

    async def _record(self, room: Room, plan: Plan, actor: p.Actor) -> None:
        try:
            await room.record(plan, actor=actor)
        except (Rejected, StoreError) as error:
            self._log.warning("jupyter-collaborative-copilot: %s", error)

    async def keep_settling(self) -> None:
        """Settle now and then, for ever."""
        while True:
            await self.settle()
            await self._clock.sleep(SWEEP_S)

    async def close(self) -> None:
        """The server stops, and its kernels with it: what they have open is withdrawn, and nothing is followed."""
        self._unfollow()
        await self.settle(self._tokens.kernels())
        await self._tasks.wait()
