"""An effect: intent, committed; then the effect; then its result, committed. Never the effect without the intent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.deltas import Delta
from ...core.untrusted_text import as_name
from ...ports.tool import Proposal, Tool, ToolContext, effect_of, exceeds, may_repeat
from ...protocol.errors import CopilotError, InDoubt, ToolError
from ..checkpoints import checkpoint_of
from ..deltas import Deltas
from ..elicitation import left_open
from ..run_context import RunContext
from .admission import Admission
from .front_end import until_reported
from .output_budget import OutputBudget
from .permission import circumstances_of
from .proposals import broken, by_tool, check_unchanged, propose_with, told_error
from .recovery import in_doubt, never_began
from .siblings import agreed_with, before, superseded

log = logging.getLogger(__name__)

PROBE_S = 30.0
STOP_PROBE_S = 2.0


class Effect:
    """What one call does, from its intent to its result; `begin` for a fresh one, `recover` for one left begun."""

    def __init__(self, ctx: RunContext, call_id: p.CallId) -> None:
        self._ctx = ctx
        self._id = call_id
        self._outputs: Deltas | None = None
        self._budget = OutputBudget()

    @property
    def _call(self) -> s.Call:
        return self._ctx.state.calls[self._id]

    @property
    def _run(self) -> s.Run:
        return self._ctx.state.runs[self._call.run_id]

    async def begin(self) -> None:
        """Do it, unless the run was stopped or the cells are no longer what people saw.

        Cancelled because the run was stopped, it records how far it came; cancelled because this process stops driving,
        it records nothing, and the next driver recovers.
        """
        async with self._ctx.turn(self._call):
            try:
                await self._begin()
            except asyncio.CancelledError:
                await self._stopped()
                raise

    async def _begin(self) -> None:
        if not self._may_begin(self._ctx.state):
            return
        try:
            tool, context = await self._open()
            checkpoint = await self._checkpoint(tool, context)
            proposal = await self._as_seen(tool, context)
            found = await self._circumstances(tool, proposal, context)
        except CopilotError as error:
            await self._finish(told_error(self._ctx.tools.get(self._call.tool), error), is_error=True)
            return
        admission = Admission(self._ctx, tool, proposal, found)
        records = await self._ctx.record(lambda state, now: self._started(state, now, context, admission, checkpoint))
        if any(isinstance(record.event, p.CallStarted) for record in records):
            await self._perform(tool, proposal, context)

    async def _checkpoint(self, tool: Tool, context: ToolContext) -> list[p.Event]:
        """The notebook as it is before its run changes anything; one that cannot be kept is changed all the same."""
        is_foreign = getattr(tool, "is_foreign", False)
        if self._run.checkpoint is not None or self._call.effect == "read" or is_foreign:
            return []
        try:
            return [await checkpoint_of(await context.notebook.read(), self._call.run_id)]
        except CopilotError as error:
            log.warning("The notebook is not kept before %s: %s", self._id, error)
            return []

    async def _circumstances(self, tool: Tool, proposal: Proposal, context: ToolContext) -> p.Circumstances | None:
        if self._call.effect == "read":
            return None
        return await circumstances_of(tool, self._call.args, proposal, context.notebook, self._call.effect)

    def _may_begin(self, state: s.RoomState) -> bool:
        call = state.calls[self._id]
        fresh = isinstance(call, s.CallProposal | s.CallConfirmed)
        return fresh and isinstance(state.runs.get(call.run_id), s.Running)

    def _started(
        self, state: s.RoomState, now: int, context: ToolContext, admission: Admission, checkpoint: list[p.Event]
    ) -> list[p.Event]:
        if not self._may_begin(state):
            return []
        call = state.calls[self._id]
        # From now on everybody sees what runs, not what was proposed before somebody changed it.
        cells = admission.proposal.preview.cells
        differs = isinstance(call, s.CallConfirmed) and (call.edited or cells != call.preview.cells)
        preview = admission.proposal.preview if differs else None
        adapter = getattr(admission.tool, "adapter", context.notebook.adapter)
        started = p.CallStarted(call_id=self._id, exec_id=self._id, adapter=adapter, preview=preview)
        events = admission.of(state, call, started, now)
        return [*checkpoint, *events] if started in events else events

    async def _open(self) -> tuple[Tool, ToolContext]:
        tool = self._ctx.tools.get(self._call.tool)
        if tool is None:
            raise ToolError(f"There is no tool {self._call.tool!r} any more.")
        notebook = await self._ctx.open_notebook(self._id, self._run, self._call.effect)
        return tool, self._ctx.tool_context(notebook, self._id, self._run, self._emit)

    async def _as_seen(self, tool: Tool, context: ToolContext) -> Proposal:
        """What it will do, made anew on the notebook as it is now. Raises `StaleCells` if people saw something else."""
        if exceeds(effect_of(tool, self._call.args), self._call.effect):
            raise ToolError("With these arguments it would do more than was asked.", hint="Propose that anew.")
        earlier = superseded(each.preview for each in before(self._ctx.state, self._call))
        proposal = await propose_with(tool, self._call.args, replace(context, superseded=earlier))
        if self._call.effect != "read":
            asked = self._ctx.state.confirmations.get(self._call.confirmation_id or "")
            edited = isinstance(asked, s.Decided) and asked.edited_args is not None
            check_unchanged(self._call, edited, proposal, earlier, agreed_with(self._ctx.state, self._call))
        return proposal

    async def _perform(self, tool: Tool, proposal: Proposal, context: ToolContext) -> None:
        await self._ctx.tenure.assure()  # between the commit and now, this process may have stood still
        try:
            result, is_error = await self._execute(tool, proposal, context), False
        except InDoubt as error:
            await in_doubt(self._ctx, self._id, tool, context, error.message)
            return
        except CopilotError as error:
            result, is_error = told_error(tool, error), True
        await self._finish(result, is_error=is_error)

    async def _execute(self, tool: Tool, proposal: Proposal, context: ToolContext) -> p.CallResult:
        ctx = self._ctx
        async with Deltas(self._record_outputs, ctx.room.clock, ctx.settings.tick_s) as self._outputs:
            try:
                return by_tool(tool, await tool.execute(self._call.args, proposal, context))
            except CopilotError:
                raise
            except Exception as error:
                raise broken(tool, error) from error

    def _emit(self, output: p.Output) -> None:
        shown = None if self._outputs is None else self._budget.take(output)
        if self._outputs is not None and shown is not None:
            self._outputs.add(p.CallOutput(call_id=self._id, output=shown))

    async def _record_outputs(self, outputs: Sequence[Delta]) -> None:
        await self._ctx.record(lambda state, now: list(outputs))

    async def _finish(self, result: p.CallResult, *, is_error: bool = False) -> None:
        rest = self._outputs.rest() if self._outputs is not None else []
        finished = p.CallFinished(call_id=self._id, result=result, is_error=is_error)

        def plan(state: s.RoomState, now: int) -> list[p.Event]:
            if isinstance(state.calls[self._id], s.CallDone):
                return []
            return [*rest, *left_open(state, self._id), finished]

        await self._ctx.record(plan)

    async def _stopped(self) -> None:
        """Record how far a call came whose run somebody stopped."""
        call, run = self._call, self._run
        if not isinstance(call, s.CallRunning) or not isinstance(run, s.Finished):
            return
        found = await self._probe(STOP_PROBE_S)
        if found is None:
            who = as_name(run.ended_by.name)
            text = f"{who} stopped this while it was being done. What it had done until then stays."
            found = p.CallResult(text=text)
        await self._finish(found, is_error=True)

    async def recover(self) -> None:
        """Find out what became of a call that another process began; do it again only where that is safe."""
        async with self._ctx.turn(self._call):
            try:
                await self._recover()
            except asyncio.CancelledError:
                await self._stopped()
                raise

    async def _recover(self) -> None:
        call = self._call
        if not isinstance(call, s.CallRunning):
            return
        await until_reported(self._ctx.room, self._id)
        found = await self._probe(PROBE_S)
        if found is not None:
            await self._finish(found)
            return
        try:
            tool, context = await self._open()
            if isinstance(self._run, s.Running) and (may_repeat(tool, call.args) or never_began(call)):
                await self._perform(tool, await self._as_seen(tool, context), context)
            else:
                await in_doubt(self._ctx, self._id, tool, context, "The server stopped while this was being done.")
        except CopilotError as error:
            await in_doubt(self._ctx, self._id, None, None, f"The server stopped while this was being done. {error}")

    async def _probe(self, timeout_s: float) -> p.CallResult | None:
        """What the tool finds of the effect, or None when it finds nothing or cannot look."""
        try:
            tool, context = await self._open()
        except CopilotError:
            return None
        try:
            found = await asyncio.wait_for(tool.probe(self._call.args, context), timeout_s)
            return None if found is None else by_tool(tool, found)
        except (CopilotError, asyncio.TimeoutError):
            return None
        except Exception as error:
            broken(tool, error)
            return None
