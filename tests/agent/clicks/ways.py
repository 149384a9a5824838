"""The ways in which people may go through a job, and what each one costs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.permissions.by_itself import by_itself
from jupyter_copilot.ports.model import ToolRequest
from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.testing import Answer, ScriptedRun
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.plans.propose_plan import ProposePlanTool

from ...builders import ALICE, BOB
from ..stage import Stage, real_tools
from .jobs import Act, Job

Way = Literal["each", "together", "rule", "plan", "locked", "quorum"]
WAYS: dict[Way, str] = {
    "each": "each by itself",
    "together": "the steps of an answer together",
    "rule": "a rule for the answer",
    "plan": "a plan",
    "locked": "a rule, one cell locked",
    "quorum": "a rule, two for what is dangerous",
}
GRAVE: tuple[p.Danger, ...] = ("deletes", "installs", "network")


class Cost(Struct, frozen=True):
    """Decisions of all people together, how many of the grave acts they saw, and how many steps were refused."""

    decisions: int
    grave: int
    refused: int


async def go(job: Job, way: Way) -> Cost:
    """Play a job, with Alice who decides in this way, and Bob who agrees where two are needed."""
    locked = job.acts[-1].cell if way == "locked" else None
    cells = [_cell(cell_id, source, cell_id == locked) for cell_id, source in job.cells.items()]
    runs = [ScriptedRun(cell_id=act.cell) for act in job.acts if act.source is None and act.cell != locked]
    script: list[Answer | str] = [*([_plan(job)] if way == "plan" else []), *_answers(job), "Done."]
    async with Stage(*script, cells=cells, runs=runs, tools=real_tools(ProposePlanTool())) as stage:
        if way == "quorum":
            stage.terms = p.Terms(deciders=[p.Deciders(match=p.Match(danger=each), needed=2) for each in GRAVE])
        if way == "plan":
            await stage.do(p.SetMode(thread_id=p.MAIN_THREAD, mode="plan"))
        run_id = await stage.post()
        decisions = await _decide(stage, job, way, run_id)
        await stage.over()
        return Cost(decisions, _decided_grave(stage, job), _refused(stage))


def _cell(cell_id: str, source: str, is_locked: bool) -> Cell:
    kind: Literal["markdown", "code"] = "markdown" if cell_id.startswith("m") else "code"
    metadata = {"copilot": "locked"} if is_locked else {}
    return Cell(cell_id=cell_id, cell_type=kind, source=source, metadata=metadata)


def _answers(job: Job) -> Iterator[Answer]:
    now = {cell_id: _cell(cell_id, source, False) for cell_id, source in job.cells.items()}
    for step in job.steps:
        yield Answer(calls=[_call(act, now) for act in step])


def _call(act: Act, now: dict[str, Cell]) -> ToolRequest:
    if act.source is None:
        return call("run_cell", cell_id=act.cell)
    before, now[act.cell] = now[act.cell], _cell(act.cell, act.source, False)
    return call("edit_cell", cell_id=act.cell, expected_version=before.version, source=act.source)


def _plan(job: Job) -> Answer:
    effect = "edit" if job.edits_only else "execute"
    return Answer(calls=[call("propose_plan", title=job.name, steps=[{"do": "The job.", "effect": effect}])])


async def _decide(stage: Stage, job: Job, way: Way, run_id: p.RunId) -> int:
    """Approve all that is asked until the answer is over; counts what people had to do for it."""
    decisions = 0
    while True:
        await stage.until(lambda state: _is_over(state, run_id) or any(s.open_confirmations(state)))
        waiting = list(s.open_confirmations(stage.state))
        if not waiting:
            return decisions
        if way == "together":
            await _approve_together(stage, waiting)
            decisions += 1
            continue
        first = waiting[0]
        deciders = (ALICE, BOB)[: max(1, first.policy.needed)]
        for person in deciders:
            grant = _rule(job, run_id) if _grants(stage, job, way, first) else None
            await stage.decide(first.confirmation_id, by=person, grant=grant)
            decisions += 1


def _grants(stage: Stage, job: Job, way: Way, opened: s.Open) -> bool:
    """Whether a rule is granted along: once, on a card that is not grave, and that one decides alone."""
    if way == "each" or stage.state.rules or opened.policy.needed > 1:
        return False
    made = stage.state.calls[opened.call_id or ""]
    return not any(act.is_grave and _is_of(act, made) for act in job.acts)


async def _approve_together(stage: Stage, waiting: list[s.Open]) -> None:
    """As "Approve all" does: one decision on all that holds no surprise; what does is decided by itself."""
    decisions = [stage.approval(str(each.call_id)) for each in waiting]
    surprises = [each for each in decisions if by_itself(stage.state, each) is not None]
    await stage.do(surprises[0] if surprises else p.DecideAll(decisions=decisions))


def _rule(job: Job, run_id: p.RunId) -> p.Grant:
    scope = p.RuleScope(effect="edit" if job.edits_only else "execute")
    return p.Grant(rule_id=p.RuleId("rule-1"), scope=scope, run_id=run_id)


def _is_over(state: s.RoomState, run_id: p.RunId) -> bool:
    return isinstance(state.runs.get(run_id), s.Finished)


def _is_of(act: Act, made: s.Call) -> bool:
    wanted = "run_cell" if act.source is None else "edit_cell"
    return made.tool == wanted and made.args.get("cell_id") == act.cell and made.args.get("source") == act.source


def _decided_grave(stage: Stage, job: Job) -> int:
    """How many of the grave acts came before people by themselves."""
    decided = [each for each in stage.state.confirmations.values() if isinstance(each, s.Decided)]
    on = [stage.state.calls[each.call_id or ""] for each in decided if each.rule_id is None]
    return sum(any(_is_of(act, made) for made in on) for act in job.acts if act.is_grave)


def _refused(stage: Stage) -> int:
    done = [call for call in stage.state.calls.values() if isinstance(call, s.CallDone)]
    return sum(call.is_error for call in done)
