"""The context of runs: what a process has at hand while it holds the lease on a room's runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol
from uuid import uuid4

from .. import protocol as p
from ..core import state as s
from ..core.model_context.told import told_cells
from ..core.policy import right_to_decide
from ..ports.event_log import WriteId
from ..ports.leases import Fence
from ..ports.notebook import Cell, FrontEnd, KernelFacts, Notebook, NotebookInfo, Notebooks
from ..ports.tool import Perform, Tool, ToolContext, no_tab
from ..protocol.errors import CopilotError, NotebookError, StoreUnavailable
from ..room.room import Plan, Room
from .elicitation import answer_to, elicitation, last_elicited
from .settings import RunSettings
from .tenure import Tenure

log = logging.getLogger(__name__)

MAX_STORE_PAUSE_S = 10.0
FORGET_S = 10.0


class Toolbox(Protocol):
    """The tools that the agent has."""

    def get(self, name: str) -> Tool | None:
        """The tool with this name."""

    def definitions(self) -> list[p.JsonObject]:
        """The tools as Chat Completions takes them, always in the same order."""


@dataclass(frozen=True)
class RunContext:
    """The room, the lease on its runs, and the ports that driving takes."""

    room: Room
    tenure: Tenure
    notebooks: Notebooks
    tools: Toolbox
    settings: RunSettings
    front_end: FrontEnd | None = None
    actor: p.Actor = p.AGENT
    """The agent whose runs are driven: the author of what is recorded."""
    effects: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while something changes or runs the notebook: one after the other, whatever thread it comes from."""

    @property
    def fence(self) -> Fence:
        """The number under which this process drives."""
        return self.tenure.fence

    @property
    def state(self) -> s.RoomState:
        """The room's state now."""
        return self.room.state

    def of(self, actor: p.Actor) -> RunContext:
        """The same, for the runs of another agent."""
        return replace(self, actor=actor)

    async def record(self, plan: Plan) -> list[p.Record]:
        """Commit what `plan` states, under our fence and once, waiting while the store cannot be written.

        `plan` must state nothing when what it rests on is no longer so. Raises `LeaseLost`, `StoreCorrupt`, or
        `Rejected` when the room is closed.
        """
        pause_s, tried = 0.25, False
        write_id = WriteId(str(uuid4()))
        while True:
            try:
                return await self.room.record(plan, self.actor, self.fence, write_id=write_id, tried=tried)
            except StoreUnavailable as error:
                # Nothing may happen that is not written first, so everything waits here.
                log.warning("The run of %s waits for the store: %s", self.room.path, error)
                tried = True
                await self.room.clock.sleep(pause_s)
                pause_s = min(2 * pause_s, MAX_STORE_PAUSE_S)

    @contextlib.asynccontextmanager
    async def turn(self, call: s.Call) -> AsyncIterator[None]:
        """The call's turn at the notebook. Reads need not wait for it, nor do tools with `waits_its_turn` off."""
        waits = getattr(self.tools.get(call.tool), "waits_its_turn", True)
        if call.effect == "read" or not waits:
            yield
            return
        async with self.effects:
            yield

    async def open_notebook(self, call_id: p.CallId, run: s.Run, effect: p.Effect) -> Notebook:
        """The notebook, on behalf of a call, preferably through the tab that asked. Raises `NotebookError`."""
        with _as_notebook_errors():
            return await self.notebooks.open(call_id, _asking(run), right_to_decide(effect))

    async def read_notebook(self, run: s.Run) -> tuple[NotebookInfo, list[Cell]]:
        """What it is called and its cells, preferably as the tab that asked shows it. Raises `NotebookError`."""
        with _as_notebook_errors():
            notebook = await self.notebooks.open(None, _asking(run))
            cells = await notebook.read()
            return await notebook.describe(), cells

    async def kernel_facts(self, run: s.Run) -> KernelFacts:
        """What is known of the notebook's kernel; nothing when it cannot be looked at."""
        try:
            notebook = await self.notebooks.open(None, _asking(run))
            return await notebook.kernel_facts()
        except Exception as error:
            log.info("The kernel's state is not told: %s", error)
            return KernelFacts()

    async def forget_stamps(self, run_id: p.RunId) -> None:
        """Take what marks the work of this run out of the notebook, as all of it is in the log; best effort.

        What earlier runs left there goes with it: a crash may have come between their end and this.
        """
        acted = [
            call
            for call in self.state.calls.values()
            if isinstance(call, s.CallDone) and call.exec_id and call.effect != "read"
        ]
        done = [call.exec_id for call in acted if call.exec_id]
        if all(call.run_id != run_id for call in acted):
            return
        run = self.state.runs[run_id]
        try:
            async with self.effects:
                notebook = await self.notebooks.open(None, _asking(run))
                await asyncio.wait_for(notebook.forget(done), FORGET_S)
        except Exception as error:
            log.warning("The stamps of %s stay in the notebook: %s", run_id, error)

    def tool_context(
        self, notebook: Notebook, call_id: p.CallId, run: s.Run, emit: Callable[[p.Output], None]
    ) -> ToolContext:
        """What a tool may use in this call."""
        return ToolContext(
            notebook=notebook,
            call_id=call_id,
            exec_id=call_id,
            asked_by=run.asked_by,
            emit=emit,
            root=self.settings.root,
            files=self.settings.files,
            path=self.room.house.path,
            timeout_s=self.settings.run_timeout_s,
            perform=self._performing(call_id, run, emit),
            elicit=partial(self._elicit, call_id),
            told=self._versions_told(call_id, run),
            show_plan=partial(self._show_plan, run.run_id),
        )

    async def _show_plan(self, run_id: p.RunId, entries: list[p.PlanEntry]) -> None:
        event = p.PlanUpdated(run_id=run_id, entries=entries)
        await self.record(lambda state, now: [event] if isinstance(state.runs.get(run_id), s.Running) else [])

    async def _elicit(self, call_id: p.CallId, message: str, schema: p.JsonObject | None, url: str) -> p.JsonObject:
        """Ask people on behalf of a call that is under way, and wait for one of them."""
        await self.record(partial(elicitation, call_id, message, schema, url))
        asked = last_elicited(self.state, call_id)
        if asked is None:
            return {"action": "cancel"}
        await self.room.wait(lambda state: not isinstance(state.confirmations.get(asked), s.Open))
        return answer_to(self.state, asked)

    def _versions_told(self, call_id: p.CallId, run: s.Run) -> dict[str, str]:
        call = self.state.calls.get(call_id)
        told = told_cells(self.state, run.thread_id, before=None if call is None else call.message_id)
        return {cell_id: cell.version for cell_id, cell in told.items()}

    def _performing(self, call_id: p.CallId, run: s.Run, emit: Callable[[p.Output], None]) -> Perform:
        front_end = self.front_end
        if front_end is None:
            return no_tab

        async def perform(operation: p.Operation) -> p.OperationReport:
            return await front_end.perform(call_id, operation, emit, _asking(run))

        return perform


def _asking(run: s.Run) -> str | None:
    """The session that asked; runs of earlier versions know its client id only."""
    return run.asked_by.session or run.asked_by.client_id


@contextlib.contextmanager
def _as_notebook_errors() -> Iterator[None]:
    """Whatever the server's own services raise becomes an error that the model can be told."""
    try:
        yield
    except CopilotError:
        raise
    except Exception as error:
        log.exception("The notebook cannot be reached")
        raise NotebookError("The notebook cannot be reached now.", hint="The server's log says why.") from error
