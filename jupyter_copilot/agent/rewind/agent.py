"""The agent that rewinds: it proposes what it takes back, does it once people agree, and says so. No model is asked."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ... import protocol as p
from ...core import state as s
from ...core.decide.rewinding import rewound
from ...ports.agent import AgentSpec
from ...ports.model import ToolRequest
from ...ports.notebook import Cell
from ...ports.tool import Tool
from ...protocol.errors import NotebookError
from ..calls.permission import deciding, note_of, verdict_on
from ..calls.proposals import Prepared, call_proposed, confirmation, expires_at_from, prepare
from ..checkpoints import cells_of
from ..copilot.run_loop import Loop
from ..ids import answer_id
from ..run_context import RunContext
from .tool import TOOL, RewindTool
from .touched import touched


class RewindAgent:
    """Drives the runs of `rewind` commands. Each asks people, whatever rules and modes there are."""

    spec = AgentSpec(agent_id=p.REWIND, name="Rewind")

    def actor_of(self, run: s.Run) -> p.Actor:
        """The rewind, which somebody asked for."""
        return self.spec.actor

    def default_model(self) -> str | None:
        """No model answers."""
        return None

    async def drive(self, ctx: RunContext, run_id: p.RunId) -> None:
        """Drive a run; see `Agent.drive`."""
        own = replace(ctx, tools=RewindTools(ctx, run_id))
        await Loop(own, run_id, partial(_step, own)).drive()


class RewindTools:
    """The one tool of a rewind, with what was kept for it."""

    def __init__(self, ctx: RunContext, run_id: p.RunId) -> None:
        self._ctx = ctx
        self._run_id = run_id
        self._tool = RewindTool(self._kept, self._touched)

    def get(self, name: str) -> Tool | None:
        """The tool with this name."""
        return self._tool if name == TOOL else None

    def definitions(self) -> list[p.JsonObject]:
        """No model is told of it."""
        return []

    @property
    def _checkpoint(self) -> s.Checkpoint | None:
        """What was kept of the notebook after the message to which this goes back."""
        state, run = self._ctx.state, self._ctx.state.runs[self._run_id]
        message = None if run.rewind is None else state.messages.get(run.rewind.message_id)
        return s.checkpoint_since(state, message) if isinstance(message, s.Posted) else None

    async def _kept(self) -> list[Cell]:
        checkpoint = self._checkpoint
        kept = None if checkpoint is None else await self._ctx.room.picture(checkpoint.digest)
        if kept is None:
            raise NotebookError("What was kept of the notebook is no longer there.", code="checkpoint")
        return await cells_of(kept.data)

    def _touched(self, diffs: list[p.CellDiff]) -> str:
        checkpoint = self._checkpoint
        return "" if checkpoint is None else touched(self._ctx.state, checkpoint.at, diffs)


async def _step(ctx: RunContext, run: s.Running, step: int, attempt: int) -> None:
    """First propose, then say how it ended. Raises as `RunContext.record`."""
    if step == 1:
        await _propose(ctx, run, answer_id(run.run_id, step, attempt))
    else:
        await _end(ctx, run, step, answer_id(run.run_id, step, attempt))


async def _propose(ctx: RunContext, run: s.Running, answer: p.MessageId) -> None:
    (prepared,) = await prepare(ctx, run, answer, [ToolRequest(tool=TOOL, raw_args="{}", args={})])

    def plan(state: s.RoomState, now: int) -> list[p.Event]:
        current = state.runs.get(run.run_id)
        if not isinstance(current, s.Running) or current.step:
            return []
        return [*_spoken(run.run_id, 1, answer, ""), *_asked(ctx, state, current, prepared, answer, now)]

    await ctx.record(plan)


def _spoken(run_id: p.RunId, step: int, answer: p.MessageId, text: str) -> list[p.Event]:
    return [
        p.StepStarted(run_id=run_id, step=step, message_id=answer, attempt=1),
        *([p.TextDelta(run_id=run_id, step=step, message_id=answer, text=text)] if text else []),
        p.StepFinished(run_id=run_id, step=step, message_id=answer, attempt=1),
    ]


def _asked(
    ctx: RunContext, state: s.RoomState, run: s.Running, prepared: Prepared, answer: p.MessageId, now: int
) -> list[p.Event]:
    """The call with its card, or with the reason why it cannot be made."""
    proposal, tool = prepared.proposal, prepared.tool
    proposed = call_proposed(prepared, run.run_id, 1, answer)
    if proposal is None or tool is None:
        result = p.CallResult(text=prepared.problem, marked=True)
        return [proposed, p.CallFinished(call_id=prepared.call_id, result=result, is_error=True)]
    house = ctx.room.house
    body = " ".join(filter(None, [proposal.note, note_of(proposed, verdict_on(house, state, proposed, now))]))
    policy = deciding(house, state, proposed, now)
    return [proposed, confirmation(proposed, run.thread_id, tool, body, expires_at_from(ctx, now), policy)]


async def _end(ctx: RunContext, run: s.Running, step: int, answer: p.MessageId) -> None:
    """Say how it ended; where it was done and is meant for the chat too, the chat goes back, in the asker's name."""
    calls = [call for call in s.run_calls(ctx.state, run.run_id) if isinstance(call, s.CallDone)]
    done = bool(calls) and not calls[-1].is_error
    if done and run.rewind is not None and run.rewind.conversation:
        await ctx.of(run.asked_by).record(partial(_chat_goes_back, run))
    text = "The notebook is as it was." if done else "Nothing was taken back."

    def plan(state: s.RoomState, now: int) -> list[p.Event]:
        current = state.runs.get(run.run_id)
        is_next = isinstance(current, s.Running) and current.step == step - 1
        return _spoken(run.run_id, step, answer, text) if is_next else []

    await ctx.record(plan)


def _chat_goes_back(run: s.Running, state: s.RoomState, now: int) -> list[p.Event]:
    thread = state.threads[run.thread_id]
    ids = [item.id for item in thread.items]
    since = "" if run.rewind is None else run.rewind.message_id
    own = ids.index(run.message_id) if run.message_id in ids else 0
    if since not in ids[:own] or any(each.rewind_id == run.message_id for each in thread.rewinds):
        return []
    return [rewound(thread, run.message_id, since, ids[own - 1])]
