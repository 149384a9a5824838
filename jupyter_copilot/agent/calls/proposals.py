"""Proposals: what the model's tool calls become before anybody is asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.decide.rules import stale_rules
from ...core.fingerprints import args_hash
from ...core.json_schema import schema_problem
from ...core.permissions.wording import refusal
from ...ports.model import ToolRequest
from ...ports.notebook import Elsewhere, Notebook
from ...ports.tool import Proposal, Tool, ToolContext, effect_of
from ...protocol.errors import CopilotError, NotebookError, StaleCells, ToolError
from ..ids import call_id, confirmation_id
from ..run_context import RunContext
from .permission import circumstances_of, deciding, note_of, verdict_on
from .siblings import Versions, not_made, superseded, versions_before, why_closed

log = logging.getLogger(__name__)

APPROVE_OPTIONS = [
    p.Option(id=p.APPROVE, label="Approve", style="primary"),
    p.Option(id=p.DENY, label="Deny", style="danger"),
]
_PLACES: dict[Elsewhere, str] = {"file": "the saved file", "tab": "another open tab"}
MOST_NOTES = 5
MOST_RAW_CHARS = 20_000
"""Of arguments that are no JSON object: enough to see what the model meant."""
ANSWER_OPTIONS = [p.Option(id=p.ANSWER, label="Answer", style="primary"), p.Option(id=p.SKIP, label="Skip")]


class Prepared(Struct, frozen=True, kw_only=True):
    """A call of an answer, and what came of proposing it: a proposal, or a problem that the model is told."""

    call_id: p.CallId
    request: ToolRequest
    tool: Tool | None
    proposal: Proposal | None = None
    circumstances: p.Circumstances | None = None
    problem: str = ""
    shows: dict[str, p.ToldCell] = {}
    """The cells that the problem shows."""


async def prepare(ctx: RunContext, run: s.Run, answer: p.MessageId, requests: Sequence[ToolRequest]) -> list[Prepared]:
    """Have the tools say what the calls would do, each on the cells as those before it would leave them.

    Calls that cannot be made carry a problem, and nobody is asked.
    """
    prepared: list[Prepared] = []
    for n, request in enumerate(requests, 1):
        prepared.append(await _prepare(ctx, run, call_id(answer, n), request, prepared))
    return prepared


async def _prepare(
    ctx: RunContext, run: s.Run, call: p.CallId, request: ToolRequest, earlier: Sequence[Prepared]
) -> Prepared:
    tool = ctx.tools.get(request.tool)
    proposal, circumstances, problem = None, None, ""
    shows: dict[str, p.ToldCell] = {}
    if tool is None:
        names = ", ".join(definition["function"]["name"] for definition in ctx.tools.definitions())
        problem = f"There is no tool {request.tool!r}. Your tools are: {names}."
    elif len(p.encode(request.args)) > p.MAX_ARGS_BYTES:
        problem = f"The arguments have more than {p.MAX_ARGS_BYTES} bytes, so nothing was done. Do it in smaller calls."
        request = replace(request, args={})
    elif request.args is None:
        problem = "The arguments were not a whole JSON object, so nothing was done. Send the call again, shorter."
    else:
        try:
            proposal, circumstances = await _propose(ctx, run, call, tool, request.args, earlier)
            _check_question(proposal)
        except CopilotError as error:
            proposal = None
            problem = error.told
            shows = error.shows if isinstance(error, ToolError) else {}
    return Prepared(
        call_id=call,
        request=request,
        tool=tool,
        proposal=proposal,
        circumstances=circumstances,
        problem=problem,
        shows=shows,
    )


async def _propose(
    ctx: RunContext, run: s.Run, call: p.CallId, tool: Tool, args: dict[str, Any], earlier: Sequence[Prepared]
) -> tuple[Proposal, p.Circumstances | None]:
    """What the call would do, once the earlier ones are done, and under which circumstances. Raises `CopilotError`."""
    proposals = [each.proposal for each in earlier if each.proposal is not None]
    effect = effect_of(tool, args)
    notebook = await ctx.open_notebook(call, run, effect)
    context = ctx.tool_context(notebook, call, run, lambda output: None)
    ahead = [change for proposal in proposals for change in proposal.changes]
    replaced = superseded(proposal.preview for proposal in proposals)
    written = {path: text for proposal in proposals for path, text in proposal.written.items()}
    context = msgspec.structs.replace(context, ahead=ahead, superseded=replaced, written_ahead=written)
    proposal = await propose_with(tool, args, context)
    if effect == "read":
        return proposal, None
    drafted = {cell.cell_id for each in proposals for cell in each.preview.cells}
    circumstances = await circumstances_of(tool, args, proposal, notebook, effect)
    return await compared(notebook, proposal, drafted), circumstances


async def compared(notebook: Notebook, proposal: Proposal, drafted: Set[str]) -> Proposal:
    """The proposal, whose note also says where cells are not the same in the file or another tab.

    Cells that are `drafted`, as earlier calls of the same answer will leave them, are nowhere yet.
    """
    labels = {cell.cell_id: cell.label or cell.cell_id for cell in proposal.preview.cells}
    versions = {id: version for id, version in proposal.pinned.items() if id in labels and id not in drafted}
    elsewhere = await notebook.elsewhere(versions) if versions else {}
    notes = [proposal.note] if proposal.note else []
    for cell_id, places in list(elsewhere.items())[:MOST_NOTES]:
        label = labels[cell_id]
        where = " and in ".join(_PLACES[place] for place in places)
        notes.append(f"{label[:1].upper()}{label[1:]} is not the same in {where}.")
    return replace(proposal, note=" ".join(notes))


async def propose_with(tool: Tool, args: dict[str, Any], context: ToolContext) -> Proposal:
    """What the call would do. Raises `CopilotError`; a tool that breaks is logged and becomes a `ToolError`."""
    try:
        return await tool.propose(args, context)
    except CopilotError:
        raise
    except Exception as error:
        raise broken(tool, error) from error


def _check_question(proposal: Proposal) -> None:
    form = None if proposal.question is None else proposal.question.get("schema")
    refused = None if form is None else schema_problem(form)
    if refused is not None:
        raise ToolError(f"Nobody can be asked with this form. {refused}", hint="Ask with a simpler schema.")


def by_tool(tool: Tool | None, result: p.CallResult) -> p.CallResult:
    """What a tool returned, saying whether it marks by itself what nobody vouches for: our own do."""
    return replace(result, marked=getattr(tool, "marks_data", False))


def told_error(tool: Tool | None, error: CopilotError) -> p.CallResult:
    """What the model is told of a call that could not be made."""
    shows = error.shows if isinstance(error, ToolError) else {}
    return by_tool(tool, p.CallResult(text=error.told, told=shows))


def broken(tool: Tool, error: Exception) -> ToolError:
    """The error of a tool that raised what it should not; logged here."""
    log.exception("The tool %s failed", tool.name)
    return ToolError(f"The tool failed: {type(error).__name__}: {error}", hint="Try another way.")


def proposed(
    ctx: RunContext,
    state: s.RoomState,
    run: s.Running,
    step: int,
    answer: p.MessageId,
    prepared: Sequence[Prepared],
    now: int,
) -> list[p.Event]:
    """The events that propose the calls, ask people where that is needed, and end at once what cannot be done."""
    expires_at = expires_at_from(ctx, now)
    house = ctx.room.house
    events = stale_rules(state, house)
    failed: p.CallProposed | None = None
    for call in prepared:
        event = call_proposed(call, run.run_id, step, answer)
        events.append(event)
        if failed is not None and event.effect != "read":
            why = " ".join(filter(None, [why_closed(failed.preview.title, None), call.problem]))
            result = p.CallResult(text=why, told=call.shows, marked=call.proposal is not None or _marks(call.tool))
            events.append(p.CallFinished(call_id=call.call_id, result=result, is_error=True))
            continue
        if call.proposal is None or call.tool is None:
            result = p.CallResult(text=call.problem, told=call.shows, marked=_marks(call.tool))
            events.append(p.CallFinished(call_id=call.call_id, result=result, is_error=True))
            failed = event if event.effect != "read" else failed
            continue
        if call.proposal.question is not None:
            events.append(_question(event, run.thread_id, call.proposal.question, expires_at))
            continue
        verdict = verdict_on(house, state, event, now)
        if verdict.then == "refuse":
            result = p.CallResult(text=refusal(verdict.because))
            events.append(p.CallFinished(call_id=call.call_id, result=result, is_error=True))
        elif verdict.then == "ask":
            body = body_of(call.proposal, event, verdict)
            policy = deciding(house, state, event, now)
            events.append(confirmation(event, run.thread_id, call.tool, body, expires_at, policy))
    return events


def _marks(tool: Tool | None) -> bool:
    """Whether what is said of a call of this tool is ours: what we say of a tool that there is not, is."""
    return tool is None or getattr(tool, "marks_data", False)


def body_of(proposal: Proposal, call: s.Call | p.CallProposed, verdict: p.Verdict) -> str:
    """What people should know beside the preview."""
    return " ".join(filter(None, [proposal.note, note_of(call, verdict)]))


def withdrawn(
    state: s.RoomState, call: s.CallProposal | s.CallConfirmed, reason: str, result: p.CallResult
) -> list[p.Event]:
    """The events that end a call which will not begin: people are asked no longer, and the model is told the result."""
    finished = p.CallFinished(call_id=call.call_id, result=result, is_error=True)
    opened = state.confirmations.get(call.confirmation_id or "")
    if not isinstance(opened, s.Open):
        return [finished]
    return [p.ConfirmationWithdrawn(confirmation_id=opened.confirmation_id, reason=reason), finished]


def expires_at_from(ctx: RunContext, now: int) -> int | None:
    """When what is asked now expires, in unix ms."""
    expires_s = ctx.settings.confirmation_expires_s
    return None if expires_s is None else now + round(expires_s * 1000)


def call_proposed(call: Prepared, run_id: p.RunId, step: int, answer: p.MessageId) -> p.CallProposed:
    """The event that proposes a call."""
    args = call.request.args or {}
    proposal = call.proposal
    return p.CallProposed(
        call_id=call.call_id,
        run_id=run_id,
        step=step,
        message_id=answer,
        tool=call.request.tool,
        args=args,
        effect="read" if call.tool is None else effect_of(call.tool, call.request.args),
        args_hash=args_hash(call.request.tool, args, {} if proposal is None else proposal.pinned),
        preview=p.Preview(title=call.request.tool or "a tool") if proposal is None else proposal.preview,
        raw_args=call.request.raw_args[:MOST_RAW_CHARS] if call.request.args is None else None,
        extra=call.request.extra,
        circumstances=call.circumstances,
    )


def confirmation(
    call: s.Call | p.CallProposed,
    thread_id: p.ThreadId,
    tool: Tool,
    body: str,
    expires_at: int | None,
    policy: p.Policy,
) -> p.ConfirmationOpened:
    """The card that asks people about a call."""
    return p.ConfirmationOpened(
        confirmation_id=confirmation_id(call.call_id),
        kind="tool_call",
        thread_id=thread_id,
        call_id=call.call_id,
        run_id=call.run_id,
        title=call.preview.title,
        body=body,
        args_hash=call.args_hash,
        options=APPROVE_OPTIONS,
        schema=tool.parameters,
        policy=policy,
        expires_at=expires_at,
    )


def _question(
    call: p.CallProposed, thread_id: p.ThreadId, question: p.JsonObject, expires_at: int | None
) -> p.ConfirmationOpened:
    return p.ConfirmationOpened(
        confirmation_id=confirmation_id(call.call_id),
        kind="question",
        thread_id=thread_id,
        call_id=call.call_id,
        run_id=call.run_id,
        title=question.get("title") or call.preview.title,
        body=question.get("body", ""),
        args_hash=call.args_hash,
        options=msgspec.convert(question.get("options"), list[p.Option] | None) or ANSWER_OPTIONS,
        schema=question.get("schema"),
        policy=p.Policy(right="write"),
        expires_at=expires_at,
    )


def check_unchanged(
    call: s.Call, edited: bool, proposal: Proposal, earlier: Versions, agreed: Mapping[str, str]
) -> None:  # fmt: skip
    """Raises `StaleCells`, with the cells that changed, when what would be done now is not what people saw.

    Arguments that a person edited are what that person saw, and so is what calls before it leave that were edited in
    the same decision (`agreed`); the cells must still be as the preview showed them. What an earlier call of the same
    answer was to change and did not is told as that.
    """
    seen = {**versions_before(call.preview), **agreed}
    changed = {cell_id: now for cell_id, now in proposal.pinned.items() if seen.get(cell_id, now) != now}
    missed = not_made(changed, earlier)
    if missed:
        names = ", ".join(missed)
        raise NotebookError(
            f"This builds on an earlier change of {names} in the same answer, which was not made.",
            hint="Read the cells again, then propose what is still wanted.",
            code="stale",
        )
    if changed:
        raise StaleCells(dict(changed))
    builds_on_edits = bool(agreed.keys() & proposal.pinned.keys())
    if not edited and not builds_on_edits and args_hash(call.tool, call.args, proposal.pinned) != call.args_hash:
        hint = "Read the cells again, then propose it anew."
        raise NotebookError("What this depends on changed since people saw it.", hint=hint, code="stale")
