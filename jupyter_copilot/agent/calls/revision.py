"""Revisions: what people are asked stays true while they think: a card whose cells changed turns by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.fingerprints import args_hash
from ...core.permissions.house import House
from ...ports.notebook import Change
from ...ports.tool import Proposal, Tool
from ...protocol.errors import CopilotError, Rejected, StoreError
from ..run_context import RunContext
from .permission import circumstances_of, verdict_on
from .proposals import body_of, compared, propose_with, told_error, withdrawn
from .siblings import before, superseded, versions_before

log = logging.getLogger(__name__)

MOST_OF_THE_TIME = 20
"""Looking at a notebook that is slow to read takes a twentieth of the time at most."""
_NEWS = (p.ConfirmationDecided, p.CallFinished, p.CallUndone)


class Revisions:
    """Looks after the open confirmations of one run's calls while it is entered."""

    def __init__(self, ctx: RunContext, run_id: p.RunId) -> None:
        self._ctx = ctx
        self._run_id = run_id
        self._due = asyncio.Event()

    def hear(self, records: Sequence[p.Record]) -> None:
        """Look again soon, if what is recorded may have changed what a call builds on."""
        if any(isinstance(record.event, _NEWS) for record in records):
            self._due.set()

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Look after them until the block is left."""
        task = asyncio.create_task(self._look_on(), name=f"revisions {self._run_id}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look_on(self) -> None:
        if waiting(self._ctx.state, self._run_id):
            self._due.set()  # a server was down meanwhile, and the notebook may be another one
        loop, pause_s = asyncio.get_running_loop(), 0.0
        while True:
            await self._ctx.room.wait(lambda state: bool(waiting(state, self._run_id)))
            await self._until_due(max(pause_s, self._ctx.settings.revise_s))
            began = loop.time()
            try:
                await revise(self._ctx, self._run_id)
            except (StoreError, Rejected):
                return  # The run's own loop meets the same, and says so.
            except Exception:
                log.exception("What people are asked in %s may be out of date", self._run_id)
            pause_s = (loop.time() - began) * MOST_OF_THE_TIME

    async def _until_due(self, at_most_s: float) -> None:
        alarm = asyncio.create_task(self._ring_after(at_most_s))
        try:
            await self._due.wait()
        finally:
            alarm.cancel()
        self._due.clear()

    async def _ring_after(self, seconds: float) -> None:
        await self._ctx.room.clock.sleep(seconds)
        self._due.set()


def waiting(state: s.RoomState, run_id: p.RunId) -> list[s.CallProposal]:
    """The calls of a run about which people are asked now, in the order of their answer."""
    return [
        call
        for call in s.run_calls(state, run_id)
        if isinstance(call, s.CallProposal) and isinstance(state.confirmations.get(call.confirmation_id or ""), s.Open)
    ]


class Outlook(Struct, frozen=True, kw_only=True):
    """What a call would do now, or why it can no longer be done."""

    call: s.CallProposal
    tool: Tool
    proposal: Proposal | None = None
    circumstances: p.Circumstances | None = None
    error: CopilotError | None = None


async def revise(ctx: RunContext, run_id: p.RunId) -> None:
    """Propose anew what people are asked about, and record what is different now. Raises what `record` does."""
    run = ctx.state.runs.get(run_id)
    asked = waiting(ctx.state, run_id)
    if not isinstance(run, s.Running) or not asked:
        return
    ahead: list[Change] = []
    written: dict[str, str] = {}
    outlooks: list[Outlook] = []
    for call in [*before(ctx.state, asked[-1]), asked[-1]]:
        if isinstance(call, s.CallRunning):
            return  # What it leaves is seen once it is over.
        tool = ctx.tools.get(call.tool)
        if tool is None or call.effect == "read" or not isinstance(call, s.CallProposal | s.CallConfirmed):
            continue
        found = await _outlook(ctx, run, call, tool, ahead, written)
        if found.proposal is not None:
            ahead += found.proposal.changes
            written |= found.proposal.written
        if isinstance(call, s.CallProposal) and call in asked:
            outlooks.append(found)
        if found.error is not None:
            break  # What follows is closed with it.
    for outlook in outlooks:
        if _differs(outlook):
            await ctx.record(partial(_revised, ctx.room.house, outlook))


async def _outlook(
    ctx: RunContext,
    run: s.Run,
    call: s.CallProposal | s.CallConfirmed,
    tool: Tool,
    ahead: list[Change],
    written: dict[str, str],
) -> Outlook:
    shown = call if isinstance(call, s.CallProposal) else None
    circumstances = None
    earlier = superseded(each.preview for each in before(ctx.state, call))
    try:
        notebook = await ctx.open_notebook(call.call_id, run, call.effect)
        context = ctx.tool_context(notebook, call.call_id, run, lambda output: None)
        context = replace(context, ahead=list(ahead), superseded=earlier, written_ahead=dict(written))
        proposal = await propose_with(tool, call.args, context)
        if shown is not None:
            drafted = {change.cell_id for change in ahead}
            circumstances = await circumstances_of(tool, call.args, proposal, notebook, call.effect)
            proposal = await compared(notebook, proposal, drafted)
    except CopilotError as error:
        return Outlook(call=call, tool=tool, error=error)  # type: ignore[arg-type]
    return Outlook(call=call, tool=tool, proposal=proposal, circumstances=circumstances)  # type: ignore[arg-type]


def _hash(outlook: Outlook, args: dict[str, Any], proposal: Proposal) -> str:
    return args_hash(outlook.call.tool, args, proposal.pinned)


def _differs(outlook: Outlook) -> bool:
    call, proposal = outlook.call, outlook.proposal
    if proposal is None:
        return outlook.error is not None and outlook.error.code in _LASTING
    shown = (call.preview, call.args_hash, call.circumstances)
    return shown != (proposal.preview, _hash(outlook, call.args, proposal), outlook.circumstances)


_LASTING = frozenset(("stale", "tool", "cell_not_found", "invalid_args"))
"""Errors that say that the call cannot be made any more; others may pass, and are met again when it begins."""


def _revised(house: House, outlook: Outlook, state: s.RoomState, now: int) -> list[p.Event]:
    call = state.calls.get(outlook.call.call_id)
    if call != outlook.call or not isinstance(call, s.CallProposal):
        return []
    if outlook.proposal is None:
        assert outlook.error is not None
        return withdrawn(state, call, outlook.error.message, told_error(outlook.tool, outlook.error))
    proposal = outlook.proposal
    now_is = replace(call, preview=proposal.preview, circumstances=outlook.circumstances)
    body = body_of(proposal, now_is, verdict_on(house, state, now_is, now))
    return [
        p.CallRevised(
            call_id=call.call_id,
            args_hash=_hash(outlook, call.args, proposal),
            preview=proposal.preview,
            body=" ".join(filter(None, [_what_changed(call, proposal), body])),
            circumstances=outlook.circumstances,
        )
    ]


def _what_changed(call: s.CallProposal, proposal: Proposal) -> str:
    """Which cells are other ones than people were shown, in a sentence."""
    shown, now = versions_before(call.preview), versions_before(proposal.preview)
    names = [d.label for d in proposal.preview.cells if shown.get(d.cell_id, "") != now.get(d.cell_id, "")]
    names = list(dict.fromkeys(name[:1].upper() + name[1:] for name in names))
    return f"{' and '.join(names)} changed since this was proposed; this is what would be done now." if names else ""
