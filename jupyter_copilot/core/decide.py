"""Deciding: a command becomes events, or is refused. Nothing else in the package refuses a command for what it says.

`decide` is pure: it reads the state, the actor's rights and the time that it is given, and writes nothing. Ids of what
it starts follow from the ids in the command, so that deciding the same command twice gives the same events.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from typing_extensions import assert_never

from .. import protocol as p
from ..protocol.errors import RejectCode, Rejected
from . import policy
from . import state as s
from .fingerprints import question_hash
from .json_schema import schema_problem, value_problem
from .weight import weight

MAX_QUEUED_RUNS = 20
MAX_WAITING_BYTES = 2 << 20
"""Of all messages whose runs have not begun: they cannot leave the state."""
MAX_OPEN_CONFIRMATIONS = 50
CLAIM_MS = 10_000

CONFIRM_OPTIONS = [
    p.Option(id="confirm", label="Confirm", style="primary"),
    p.Option(id="cancel", label="Cancel"),
]
QUESTION_OPTIONS = [p.Option(id=p.ANSWER, label="Answer", style="primary"), p.Option(id=p.SKIP, label="Skip")]


def decide(
    state: s.RoomState, command: p.Command, actor: p.Actor, rights: Set[p.Right], now: int
) -> list[p.Event]:  # fmt: skip
    """The events that a command makes, at least one. Raises `Rejected`; `now` is the server's time in unix ms."""
    refused = policy.refusal(state, command, actor, rights)
    if refused is not None:
        raise Rejected("forbidden", refused)
    match command:
        case p.CreateThread():
            return _create_thread(state, command)
        case p.RenameThread():
            _live_thread(state, command.thread_id)
            return [p.ThreadRenamed(thread_id=command.thread_id, title=command.title)]
        case p.ArchiveThread():
            return _archive_thread(state, command)
        case p.SetMode():
            _live_thread(state, command.thread_id)
            return [p.ThreadModeChanged(thread_id=command.thread_id, mode=command.mode)]
        case p.PostMessage():
            return _post_message(state, command)
        case p.CancelRun():
            return _cancel_run(state, command, actor)
        case p.RetryRun():
            return _retry_run(state, command, now)
        case p.UndoCalls():
            return _undo_calls(state, command)
        case p.OpenConfirmation():
            return _open_confirmation(state, command, actor, now)
        case p.Decide():
            return _decide_confirmation(state, command, now)
        case p.WithdrawConfirmation():
            return _withdraw_confirmation(state, command, actor)
        case p.ClaimCall() | p.RenewClaim() | p.ReleaseClaim() | p.ReportOutput() | p.ReportCall():
            return _front_end_call(state, command, actor, now)
    assert_never(command)


def expire(state: s.RoomState, now: int) -> list[p.Event]:
    """The events for open confirmations whose time is up."""
    return [
        p.ConfirmationExpired(confirmation_id=c.confirmation_id)
        for c in s.open_confirmations(state)
        if c.expires_at is not None and c.expires_at <= now
    ]


def next_expiry(state: s.RoomState) -> int | None:
    """When the next open confirmation expires, in unix ms."""
    return min((c.expires_at for c in s.open_confirmations(state) if c.expires_at is not None), default=None)


# Threads


def _live_thread(state: s.RoomState, thread_id: p.ThreadId) -> s.Thread:
    thread = state.threads.get(thread_id)
    if thread is None:
        raise Rejected("not_found", f"There is no thread {thread_id!r} here.", hint="Create it first.")
    if thread.archived:
        raise Rejected("thread_archived", f"The thread “{thread.title}” is archived.", hint="Start a new one.")
    return thread


def _create_thread(state: s.RoomState, command: p.CreateThread) -> list[p.Event]:
    if command.thread_id in state.threads:
        raise Rejected("already_exists", "There is a thread with this id already.")
    if len(state.threads) >= s.MAX_THREADS:
        raise Rejected("limit_reached", f"A notebook has at most {s.MAX_THREADS} threads.")
    return [p.ThreadCreated(thread_id=command.thread_id, title=command.title)]


def _archive_thread(state: s.RoomState, command: p.ArchiveThread) -> list[p.Event]:
    thread = _live_thread(state, command.thread_id)
    if command.thread_id == p.MAIN_THREAD:
        raise Rejected("forbidden", "The main thread stays.")
    if thread.active_run_id is not None or thread.queue:
        raise Rejected("run_not_finished", "A run is active in this thread.", hint="Stop it first.")
    return [p.ThreadArchived(thread_id=command.thread_id)]


# Messages and runs


def _post_message(state: s.RoomState, command: p.PostMessage) -> list[p.Event]:
    thread = _live_thread(state, command.thread_id)
    if command.message_id in state.messages:
        raise Rejected("already_exists", "There is a message with this id already.")
    if not command.text.strip() and not command.context.images:
        raise Rejected("invalid_value", "The message is empty.", hint="Write something first.")
    if command.run and len(thread.queue) >= MAX_QUEUED_RUNS:
        raise Rejected("limit_reached", f"{MAX_QUEUED_RUNS} messages wait already.")
    if command.run and _waiting_bytes(state) > MAX_WAITING_BYTES:
        raise Rejected("limit_reached", "The messages that wait are too large together.")
    events: list[p.Event] = [
        p.MessagePosted(
            message_id=command.message_id, thread_id=command.thread_id, text=command.text, context=command.context
        )
    ]
    if command.run:
        events.append(_queued(command.message_id, command.thread_id, 1, command.model, command.agent_id))
    return events


def _waiting_bytes(state: s.RoomState) -> int:
    waiting = [state.runs[run_id].message_id for thread in state.threads.values() for run_id in thread.queue]
    return sum(weight(state.messages.get(message_id)) for message_id in waiting)


def _queued(
    message_id: p.MessageId, thread_id: p.ThreadId, number: int, model: str | None, agent_id: p.AgentId | None
) -> p.RunQueued:
    run_id = p.RunId(f"{message_id}.r{number}")
    return p.RunQueued(run_id=run_id, thread_id=thread_id, message_id=message_id, model=model, agent_id=agent_id)


def _run(state: s.RoomState, run_id: p.RunId) -> s.Run:
    run = state.runs.get(run_id)
    if run is None:
        raise Rejected("not_found", "There is no such run here.")
    return run


def _retry_run(state: s.RoomState, command: p.RetryRun, now: int) -> list[p.Event]:
    run = _run(state, command.run_id)
    _live_thread(state, run.thread_id)
    if isinstance(run, s.Running) and run.delay is not None:
        waits, due = run.delay, min(run.delay.retry_at, now)
        sooner = p.RunDelayed(
            run_id=run.run_id, problem=waits.problem, attempt=waits.attempt, of=waits.of, retry_at=due
        )
        return [sooner]
    if not isinstance(run, s.Finished):
        raise Rejected("run_not_finished", "The run is not over yet.")
    message = state.messages.get(run.message_id)
    if not isinstance(message, s.Posted):
        raise Rejected("not_found", "The message of this run is no longer at hand.", hint="Post it again.")
    if message.run_ids[-1] != run.run_id:
        raise Rejected("stale", "This message was tried again already.")
    number = len(message.run_ids) + 1
    agent_id = command.agent_id or run.agent_id
    return [_queued(run.message_id, run.thread_id, number, command.model or run.model, agent_id)]


def _cancel_run(state: s.RoomState, command: p.CancelRun, actor: p.Actor) -> list[p.Event]:
    run = _run(state, command.run_id)
    if isinstance(run, s.Finished):
        raise Rejected("run_finished", "The run is over already.")
    finished = p.RunFinished(run_id=run.run_id, outcome="cancelled", usage=_usage(run))
    return [*stop_run(state, run, f"Stopped by {actor.name}."), finished]


def _usage(run: s.Run) -> p.Usage:
    return p.Usage() if isinstance(run, s.Queued) else run.usage


def stop_run(state: s.RoomState, run: s.Run, reason: str) -> list[p.Event]:
    """The events that settle what a run left open, calls whose effect has begun excepted."""
    events: list[p.Event] = []
    if isinstance(run, s.Running):
        answer = state.messages.get(f"{run.run_id}.s{run.step}.a{run.attempt}")
        if isinstance(answer, s.Streaming):
            events.append(
                p.StepAborted(
                    run_id=run.run_id,
                    step=answer.step,
                    message_id=answer.message_id,
                    attempt=answer.attempt,
                    reason=reason,
                )
            )
    for opened in s.open_confirmations(state):
        if opened.run_id == run.run_id:
            events.append(p.ConfirmationWithdrawn(confirmation_id=opened.confirmation_id, reason=reason))
    for call in s.run_calls(state, run.run_id):
        if isinstance(call, s.CallProposal | s.CallConfirmed | s.CallDenied):
            result = p.CallResult(text=f"Not done. {reason}")
            events.append(p.CallFinished(call_id=call.call_id, result=result, is_error=True))
    return events


def failed_run(state: s.RoomState, run: s.Run, problem: p.Problem) -> list[p.Event]:
    """The events that end a run as failed, and settle what it left open."""
    if isinstance(run, s.Finished):
        return []
    usage = run.usage if isinstance(run, s.Running) else p.Usage()
    ended = p.RunFinished(run_id=run.run_id, outcome="failed", error=problem, usage=usage)
    return [*stop_run(state, run, problem.message), ended]


def _undo_calls(state: s.RoomState, command: p.UndoCalls) -> list[p.Event]:
    """What stands in the notebook is not known here: the person who did it says so, as often as it is done."""
    for call_id in command.call_ids:
        call = state.calls.get(call_id)
        if call is None:
            raise Rejected("not_found", "What was taken back is no longer at hand here.")
        if not isinstance(call, s.CallDone) or call.is_error or call.effect == "read":
            raise Rejected("invalid_value", "Only what was done can be taken back.")
    return [p.CallUndone(call_id=call_id, outputs=command.outputs) for call_id in dict.fromkeys(command.call_ids)]


# Confirmations


def _open_confirmation(
    state: s.RoomState, command: p.OpenConfirmation, actor: p.Actor, now: int
) -> list[p.Event]:  # fmt: skip
    _live_thread(state, command.thread_id)
    if command.confirmation_id in state.confirmations:
        raise Rejected("already_exists", "There is a confirmation with this id already.")
    if sum(1 for _ in s.open_confirmations(state)) >= MAX_OPEN_CONFIRMATIONS:
        raise Rejected("limit_reached", f"{MAX_OPEN_CONFIRMATIONS} confirmations are open already.")
    if command.schema is not None and (problem := schema_problem(command.schema)) is not None:
        raise Rejected("invalid_args", problem)
    options = command.options or (CONFIRM_OPTIONS if command.kind == "kernel" else QUESTION_OPTIONS)
    ids = [option.id for option in options]
    if len(set(ids)) != len(ids):
        raise Rejected("invalid_args", "Two options have the same id.")
    expires_at = None if command.expires_in_s is None else now + round(command.expires_in_s * 1000)
    return [
        p.ConfirmationOpened(
            confirmation_id=command.confirmation_id,
            kind=command.kind,
            thread_id=command.thread_id,
            title=command.title,
            body=command.body,
            args_hash=question_hash(command.title, command.body, ids, command.schema),
            options=options,
            schema=command.schema,
            policy=p.Policy(right="write", not_opener=command.not_opener and actor.kind == "person"),
            expires_at=expires_at,
        )
    ]


def _decide_confirmation(state: s.RoomState, command: p.Decide, now: int) -> list[p.Event]:
    opened = _open(state, command.confirmation_id, now)
    if command.args_hash != opened.args_hash:
        raise Rejected("stale", "What you decided on has changed since you saw it.", retry="resync")
    option = next((o for o in opened.options if o.id == command.option), None)
    if option is None:
        offered = ", ".join(o.id for o in opened.options)
        raise Rejected("invalid_option", f"{command.option!r} was not offered. Offered: {offered}.")
    _check_answer(opened, option, command)
    return [
        p.ConfirmationDecided(
            confirmation_id=command.confirmation_id,
            args_hash=command.args_hash,
            option=command.option,
            value=command.value,
            edited_args=command.edited_args,
            comment=command.comment,
        )
    ]


def _open(state: s.RoomState, confirmation_id: p.ConfirmationId, now: int) -> s.Open:
    """The open confirmation, or a rejection that says who decided, when and what."""
    found = state.confirmations.get(confirmation_id)
    match found:
        case None:
            raise Rejected("not_found", "There is no such confirmation in this room.", retry="resync")
        case s.Decided():
            raise Rejected(
                "already_decided", f"{found.by.name} decided this already: {_label(found)}.", details=_winner(found)
            )
        case s.Expired():
            raise Rejected("expired", "Nobody decided in time, so it counts as denied.", details={"at": found.at})
        case s.Withdrawn():
            raise Rejected(
                "withdrawn", f"{found.by.name} took this back.", details={"by": _who(found.by), "at": found.at}
            )
        case s.Open():
            if found.expires_at is not None and found.expires_at <= now:
                raise Rejected("expired", "The time to decide is over.", details={"at": found.expires_at})
            return found
    assert_never(found)


def _label(decided: s.Decided) -> str:
    return next((o.label for o in decided.options if o.id == decided.option), decided.option)


def _winner(decided: s.Decided) -> dict[str, Any]:
    return {
        "by": _who(decided.by),
        "at": decided.at,
        "option": decided.option,
        "label": _label(decided),
        "comment": decided.comment,
    }


def _who(actor: p.Actor) -> dict[str, Any]:
    return {"kind": actor.kind, "id": actor.id, "name": actor.name, "surface": actor.surface}


def _check_answer(opened: s.Open, option: p.Option, command: p.Decide) -> None:
    if command.edited_args is not None:
        if opened.kind != "tool_call" or option.id != p.APPROVE:
            raise Rejected("invalid_args", "Only the approval of a call can carry other arguments.")
        # Models write null for an argument that they leave out; tools take it so, and so may a person who edits.
        given = {name: value for name, value in command.edited_args.items() if value is not None}
        _fits(opened.schema, given, "invalid_args")
    if opened.kind == "tool_call":
        if command.value is not None:
            raise Rejected("invalid_value", "A call is approved or denied; it takes no answer.")
    elif opened.schema is not None and (option.style == "primary" or command.value is not None):
        _fits(opened.schema, command.value, "invalid_value")


def _fits(schema: p.JsonObject | None, value: Any, code: RejectCode) -> None:
    problem = None if schema is None else value_problem(schema, value)
    if problem is not None:
        raise Rejected(code, f"This does not fit what was asked for: {problem}", hint="Correct it and try again.")


def _withdraw_confirmation(
    state: s.RoomState, command: p.WithdrawConfirmation, actor: p.Actor
) -> list[p.Event]:  # fmt: skip
    opened = _open(state, command.confirmation_id, now=0)
    if actor.kind != "server" and not policy.is_same(opened.opened_by, actor):
        raise Rejected("forbidden", f"Only {opened.opened_by.name}, who asked, can take this back.")
    return [p.ConfirmationWithdrawn(confirmation_id=command.confirmation_id, reason=command.reason)]


# Calls that a front end executes


def _front_end_call(
    state: s.RoomState,
    command: p.ClaimCall | p.RenewClaim | p.ReleaseClaim | p.ReportOutput | p.ReportCall,
    actor: p.Actor,
    now: int,
) -> list[p.Event]:
    call = state.calls.get(command.call_id)
    if not isinstance(call, s.CallRunning) or call.claim is None:
        raise Rejected("not_claimable", "This call is not offered to front ends now.")
    claim = call.claim
    if claim.fence != command.fence:
        raise Rejected("stale_fence", "This offer was replaced by a newer one.")
    if isinstance(command, p.ClaimCall):
        return _claim(call, claim, actor, now)
    if claim.client_id is None or not _is_holder(claim, actor):
        raise Rejected("not_claimable", "Another tab holds this call.")
    match command:
        case p.RenewClaim():
            return [_claimed(call, claim, actor, now, started=claim.started or command.started)]
        case p.ReleaseClaim():
            if claim.started:
                raise Rejected("not_claimable", "The effect has begun; report how it ended.")
            return [p.CallLapsed(call_id=call.call_id, fence=claim.fence)]
        case p.ReportOutput():
            return [p.CallOutput(call_id=call.call_id, output=command.output)]
        case p.ReportCall():
            return [p.CallReported(call_id=call.call_id, fence=claim.fence, result=command.result)]
    assert_never(command)


def _claim(call: s.CallRunning, claim: s.Claim, actor: p.Actor, now: int) -> list[p.Event]:
    if actor.client_id is None:
        raise Rejected("not_claimable", "Only a connected front end can claim a call.")
    if claim.client_id is not None and not _is_holder(claim, actor):
        raise Rejected("not_claimable", "Another tab was first.", details={"client_id": claim.client_id})
    if claim.until <= now:
        raise Rejected("stale_fence", "The offer has lapsed.")
    return [_claimed(call, claim, actor, now, started=claim.started)]


def _is_holder(claim: s.Claim, actor: p.Actor) -> bool:
    """Whether a claim is this session's, as anybody can say its client id; one of an earlier version has only that."""
    return claim.client_id == actor.client_id if claim.session is None else claim.session == actor.session


def _claimed(call: s.CallRunning, claim: s.Claim, actor: p.Actor, now: int, *, started: bool) -> p.CallClaimed:
    assert actor.client_id is not None
    return p.CallClaimed(
        call_id=call.call_id, fence=claim.fence, client_id=actor.client_id, until=now + CLAIM_MS, started=started
    )
