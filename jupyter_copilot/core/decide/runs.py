"""Commands for messages and runs, and what ends a run."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s
from ..pictures import is_readable
from ..weight import weight
from .threads import live_thread

MAX_QUEUED_RUNS = 20
MAX_WAITING_BYTES = 2 << 20
"""Of all messages whose runs have not begun: they cannot leave the state."""


def post_message(state: s.RoomState, command: p.PostMessage) -> list[p.Event]:
    thread = live_thread(state, command.thread_id)
    if command.message_id in state.messages:
        raise Rejected("already_exists", "There is a message with this id already.")
    if not command.text.strip() and not command.context.images:
        raise Rejected("invalid_value", "The message is empty.", hint="Write something first.")
    _no_guest(command.agent_id)
    if not all(map(is_readable, command.context.images)):
        raise Rejected("invalid_value", "A picture cannot be read: its data is not base64.", hint="Attach it again.")
    if command.run and len(thread.queue) >= MAX_QUEUED_RUNS:
        raise Rejected("limit_reached", f"{MAX_QUEUED_RUNS} messages wait already.")
    if command.run and _waiting_bytes(state) > MAX_WAITING_BYTES:
        raise Rejected("limit_reached", "The messages that wait are too large together.")
    events: list[p.Event] = [
        p.MessagePosted(
            message_id=command.message_id,
            thread_id=command.thread_id,
            text=command.text,
            context=command.context,
            mentions=list(dict.fromkeys(command.mentions)),
        )
    ]
    if command.run:
        queued = _queued(command.message_id, command.thread_id, 1, command.model, command.agent_id)
        events.append(replace(queued, join=command.join))
    return events


def joining_runs(state: s.RoomState, run_id: p.RunId, step: int) -> list[p.Event]:
    """The events that tell a run under way, with this step, what was posted for it meanwhile, in its order.

    A message for another agent or model keeps its own run, and so does all that waits behind it.
    """
    run = state.runs.get(run_id)
    if not isinstance(run, s.Running):
        return []
    events: list[p.Event] = []
    for waiting_id in state.threads[run.thread_id].queue:
        waiting = state.runs[waiting_id]
        if not isinstance(waiting, s.Queued) or not waiting.join or waiting.agent_id != run.agent_id:
            break
        if waiting.model not in (None, run.model):
            break
        events.append(p.RunJoined(run_id=waiting_id, into=run_id, step=step))
    return events


def _waiting_bytes(state: s.RoomState) -> int:
    waiting = [state.runs[run_id].message_id for thread in state.threads.values() for run_id in thread.queue]
    return sum(weight(state.messages.get(message_id)) for message_id in waiting)


def _no_guest(agent_id: p.AgentId | None) -> None:
    """A guest answers nobody: it acts on its own account only. Nor does what puts a notebook back."""
    if agent_id == p.REWIND:
        raise Rejected("invalid_value", "This agent answers no messages.", hint="Choose another one, or rewind anew.")
    if agent_id is not None and agent_id.startswith(p.GUESTS):
        raise Rejected("invalid_value", "A guest answers no messages.", hint="Choose an agent of this server.")


def _queued(
    message_id: p.MessageId, thread_id: p.ThreadId, number: int, model: str | None, agent_id: p.AgentId | None
) -> p.RunQueued:
    run_id = p.RunId(f"{message_id}.r{number}")
    return p.RunQueued(run_id=run_id, thread_id=thread_id, message_id=message_id, model=model, agent_id=agent_id)


def _run(state: s.RoomState, run_id: p.RunId) -> s.Run:
    run = state.runs.get(run_id)
    if run is None:
        raise Rejected("not_found", "There is no such answer here.")
    return run


def retry_run(state: s.RoomState, command: p.RetryRun, now: int) -> list[p.Event]:
    run = _run(state, command.run_id)
    live_thread(state, run.thread_id)
    if isinstance(run, s.Running) and run.delay is not None:
        waits, due = run.delay, min(run.delay.retry_at, now)
        sooner = p.RunDelayed(
            run_id=run.run_id, problem=waits.problem, attempt=waits.attempt, of=waits.of, retry_at=due
        )
        return [sooner]
    if not isinstance(run, s.Finished):
        raise Rejected("run_not_finished", "This answer is not over yet.")
    _no_guest(command.agent_id or run.agent_id)
    message = state.messages.get(run.message_id)
    if not isinstance(message, s.Posted):
        raise Rejected("not_found", "The message of this answer is no longer at hand.", hint="Post it again.")
    if message.run_ids[-1] != run.run_id:
        raise Rejected("stale", "This message was tried again already.")
    number = len(message.run_ids) + 1
    agent_id = command.agent_id or run.agent_id
    return [_queued(run.message_id, run.thread_id, number, command.model or run.model, agent_id)]


def cancel_run(state: s.RoomState, command: p.CancelRun, actor: p.Actor) -> list[p.Event]:
    run = _run(state, command.run_id)
    if isinstance(run, s.Finished):
        raise Rejected("run_finished", "This answer is over already.")
    return cancelled_run(state, run, f"Stopped by {actor.name}.")


def cancelled_run(state: s.RoomState, run: s.Run, reason: str) -> list[p.Event]:
    """The events that stop a run that is not over, and settle what it left open."""
    return [*stop_run(state, run, reason), p.RunFinished(run_id=run.run_id, outcome="cancelled", usage=_usage(run))]


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
    return [*events, *drop_calls(s.run_calls(state, run.run_id), reason)]


def drop_calls(calls: Iterable[s.Call], reason: str) -> list[p.Event]:
    """The events that end those of these calls whose effect has not begun."""
    result = p.CallResult(text=f"Not done. {reason}")
    return [
        p.CallFinished(call_id=call.call_id, result=result, is_error=True)
        for call in calls
        if isinstance(call, s.CallProposal | s.CallConfirmed | s.CallDenied)
    ]


def failed_run(state: s.RoomState, run: s.Run, problem: p.Problem) -> list[p.Event]:
    """The events that end a run as failed, and settle what it left open."""
    if isinstance(run, s.Finished):
        return []
    usage = run.usage if isinstance(run, s.Running) else p.Usage()
    ended = p.RunFinished(run_id=run.run_id, outcome="failed", error=problem, usage=usage)
    return [*stop_run(state, run, problem.message), ended]
