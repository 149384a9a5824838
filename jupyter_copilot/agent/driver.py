"""The driver: one for each room in each process; whichever holds the room's lease drives its runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial

from .. import protocol as p
from ..core import state as s
from ..core.decide import failed_run
from ..ports.agent import AgentSpec
from ..ports.clock import Clock
from ..ports.leases import Leases
from ..ports.notebook import FrontEnd, Notebooks
from ..protocol.errors import Rejected, StoreError, StoreUnavailable
from ..room.room import Room
from .registry import Agents
from .run_context import RunContext, Toolbox
from .settings import RunSettings
from .tenure import Tenure

log = logging.getLogger(__name__)

RETRY_LEASE_S = 2.0


class Driver:
    """Takes the lease on `runs/<room_id>` while the room has something to drive, and drives it.

    `owner` names this process. Another process that holds the lease is left alone; when it dies, its lease passes on
    with a higher fence, and every run goes on where the log says it stands.
    """

    def __init__(
        self,
        room: Room,
        leases: Leases,
        agents: Agents,
        notebooks: Notebooks,
        tools: Toolbox,
        clock: Clock,
        settings: RunSettings,
        owner: str,
        front_end: FrontEnd | None = None,
    ) -> None:
        self._room = room
        self._leases = leases
        self._agents = agents
        self._notebooks = notebooks
        self._tools = tools
        self._clock = clock
        self._settings = settings
        self._owner = owner
        self._front_end = front_end
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch the room, and go on with whatever was left unfinished."""
        self._task = asyncio.create_task(self._run(), name=f"driver of {self._room.room_id}")

    async def stop(self) -> None:
        """Stop driving and give the lease back; unfinished runs stay as the log has them. Harmless when repeated."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._room.wait(has_work)
            try:
                asked_at, lease_s = self._clock.now(), self._settings.lease_s
                fence = await self._leases.acquire(self._lease, self._owner, lease_s)
                if fence is not None:
                    await self._hold(Tenure(self._leases, fence, self._owner, lease_s, self._clock, asked_at))
                    continue
            except (StoreError, Rejected) as error:
                log.warning("Cannot drive the runs of %s now: %s", self._room.path, error)
            except Exception:
                log.exception("Driving the runs of %s failed; trying again", self._room.path)
            await self._clock.sleep(RETRY_LEASE_S)

    @property
    def _lease(self) -> str:
        return f"runs/{self._room.room_id}"

    async def _hold(self, tenure: Tenure) -> None:
        """Drive while the lease is ours and there is something to drive."""
        ctx = RunContext(self._room, tenure, self._notebooks, self._tools, self._settings, front_end=self._front_end)
        driving = asyncio.create_task(RunTasks(ctx, self._agents).drive_all())
        renewing = asyncio.create_task(self._renew(tenure))
        try:
            await asyncio.wait({driving, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            renewing.cancel()
            driving.cancel()
            await asyncio.gather(driving, renewing, return_exceptions=True)
            with contextlib.suppress(StoreError):
                await tenure.release()
        for task in (driving, renewing):
            if not task.cancelled():
                task.result()

    async def _renew(self, tenure: Tenure) -> None:
        """Keep the lease; returns when it is lost."""
        while True:
            await self._clock.sleep(self._settings.lease_s / 3)
            try:
                kept = await tenure.renew()
            except StoreUnavailable:
                # This must not interrupt a running cell; should the lease run out, nothing more is begun.
                continue
            if not kept:
                log.warning("Another process drives the runs of %s now", self._room.path)
                return


class RunTasks:
    """The time for which one process holds the lease: it starts runs and drives each in a task of its own."""

    def __init__(self, ctx: RunContext, agents: Agents) -> None:
        self._ctx = ctx
        self._agents = agents
        self._loops: dict[p.RunId, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()

    async def drive_all(self) -> None:
        """Drive until nothing is left to do. Raises the first error of a loop, `LeaseLost` among them."""
        unlisten = self._ctx.room.listen(self._hear)
        try:
            while has_work(self._ctx.state) or self._loops:
                self._woken.clear()
                await self._start()
                for run_id in to_drive(self._ctx.state):
                    if run_id not in self._loops:
                        self._drive(run_id)
                await self._woken.wait()
                self._reap()
        finally:
            unlisten()
            for task in self._loops.values():
                task.cancel()
            await asyncio.gather(*self._loops.values(), return_exceptions=True)

    def _hear(self, records: Sequence[p.Record]) -> None:
        if any(isinstance(record.event, p.RunQueued | p.RunFinished) for record in records):
            self._woken.set()

    async def _start(self) -> None:
        """Begin the oldest run that waits in each idle thread, each in the name of its agent."""
        for agent_id in {run.agent_id for run in next_runs(self._ctx.state)}:
            agent = self._agents.get(agent_id)
            if agent is None:
                await self._ctx.record(partial(_refused, agent_id, self._agents.specs()))
                continue
            fence, default = self._ctx.fence.number, agent.default_model()
            actor = agent.actor_of(next(run for run in next_runs(self._ctx.state) if run.agent_id == agent_id))
            await self._ctx.of(actor).record(partial(_started, agent_id, fence, default))

    def _drive(self, run_id: p.RunId) -> None:
        run = self._ctx.state.runs[run_id]
        agent = self._agents.get(run.agent_id)
        driving = self._close(run_id) if agent is None else agent.drive(self._ctx.of(agent.actor_of(run)), run_id)
        task = asyncio.create_task(driving)
        self._loops[run_id] = task
        task.add_done_callback(lambda _: self._woken.set())

    async def _close(self, run_id: p.RunId) -> None:
        """End a run whose agent is no longer offered, and settle the calls that it left."""
        problem = _missing(self._ctx.state.runs[run_id].agent_id, self._agents.specs())
        await self._ctx.record(lambda state, now: failed_run(state, state.runs[run_id], problem))
        await self._agents.default.drive(self._ctx, run_id)

    def _reap(self) -> None:
        for run_id, task in list(self._loops.items()):
            if task.done():
                del self._loops[run_id]
                task.result()


def has_work(state: s.RoomState) -> bool:
    """Whether a run is not over, or a call of a run that is over was left in the middle."""
    return any(isinstance(run, s.Queued | s.Running) for run in state.runs.values()) or bool(to_drive(state))


def to_drive(state: s.RoomState) -> list[p.RunId]:
    """The runs that a loop must drive: those that go on, and those over whose calls have no end yet."""
    going = [run.run_id for run in state.runs.values() if isinstance(run, s.Running)]
    left = [c.run_id for c in state.calls.values() if isinstance(c, s.CallRunning) and c.run_id in state.runs]
    return list(dict.fromkeys([*going, *left]))


def next_runs(state: s.RoomState) -> list[s.Run]:
    """The oldest run that waits in each idle thread."""
    idle = [thread for thread in state.threads.values() if thread.active_run_id is None and thread.queue]
    return [state.runs[thread.queue[0]] for thread in idle]


def _started(
    agent_id: p.AgentId | None, fence: int, default: str | None, state: s.RoomState, now: int
) -> list[p.Event]:
    mine = [run for run in next_runs(state) if run.agent_id == agent_id]
    return [p.RunStarted(run_id=run.run_id, fence=fence, model=run.model or default) for run in mine]


def _missing(agent_id: p.AgentId | None, offered: Sequence[AgentSpec]) -> p.Problem:
    names = ", ".join(spec.name for spec in offered)
    return p.Problem(
        code="agent_unknown", message=f"There is no agent {agent_id!r} here.", hint=f"Choose one of: {names}."
    )


def _refused(agent_id: p.AgentId | None, offered: Sequence[AgentSpec], state: s.RoomState, now: int) -> list[p.Event]:
    """What ends the runs that wait for an agent that is not offered."""
    problem = _missing(agent_id, offered)
    return [event for run in next_runs(state) if run.agent_id == agent_id for event in failed_run(state, run, problem)]
