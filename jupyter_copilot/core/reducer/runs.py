"""Folding messages and runs."""

from __future__ import annotations

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .budgets import forget_run
from .fold import ABSENT, PRESENT, moves, on
from .notices import mention
from .rules import end_rules_of_run
from .threads import add_item


def message_posted(state: s.RoomState, event: p.MessagePosted, record: p.Record) -> None:
    """Somebody said something in a thread that exists."""
    if event.message_id in state.messages or event.thread_id not in state.threads:
        return
    state.messages[event.message_id] = s.Posted(
        message_id=event.message_id,
        thread_id=event.thread_id,
        author=record.actor,
        at=record.at,
        text=event.text,
        context=event.context,
        mentions=event.mentions,
    )
    add_item(state, event.thread_id, "message", event.message_id)
    mention(state, event, record)


def run_queued(state: s.RoomState, event: p.RunQueued, record: p.Record) -> None:
    """A posted message is to be answered."""
    message = state.messages.get(event.message_id)
    if event.run_id in state.runs or not isinstance(message, s.Posted) or event.thread_id not in state.threads:
        return
    state.messages[event.message_id] = replace(message, run_ids=[*message.run_ids, event.run_id])
    state.runs[event.run_id] = s.Queued(
        run_id=event.run_id,
        thread_id=event.thread_id,
        message_id=event.message_id,
        asked_by=record.actor,
        queued_at=record.at,
        model=event.model,
        agent_id=event.agent_id,
        rewind=event.rewind,
        join=event.join,
    )
    state.threads[event.thread_id].queue.append(event.run_id)


def _over(run: s.Queued | s.Running, record: p.Record) -> s.Finished:
    """A run that ends with this record, with all that is the same whatever became of it."""
    return s.Finished(
        run_id=run.run_id,
        thread_id=run.thread_id,
        message_id=run.message_id,
        asked_by=run.asked_by,
        queued_at=run.queued_at,
        model=run.model,
        agent_id=run.agent_id,
        finished_at=record.at,
        outcome="success",
        ended_by=record.actor,
    )


def run_joined(state: s.RoomState, event: p.RunJoined, record: p.Record) -> None:
    """A message that waited is told to the run under way; its own run is over by that."""
    run, into = state.runs.get(event.run_id), state.runs.get(event.into)
    if not isinstance(run, s.Queued) or not isinstance(into, s.Running) or run.thread_id != into.thread_id:
        return
    joined = s.Joined(message_id=run.message_id, step=event.step, by=run.asked_by)
    state.runs[event.into] = replace(into, joined=[*into.joined, joined])
    state.threads[run.thread_id].queue.remove(run.run_id)
    state.runs[event.run_id] = replace(_over(run, record), into=event.into)


def run_started(state: s.RoomState, event: p.RunStarted, record: p.Record) -> None:
    """A queued run is driven, or a running one is taken over."""
    run = state.runs.get(event.run_id)
    match run:
        case s.Queued():
            thread = state.threads[run.thread_id]
            thread.queue.remove(event.run_id)
            thread.active_run_id = event.run_id
            state.runs[event.run_id] = s.Running(
                run_id=run.run_id,
                thread_id=run.thread_id,
                message_id=run.message_id,
                asked_by=run.asked_by,
                queued_at=run.queued_at,
                model=event.model or run.model,
                agent_id=run.agent_id,
                requests=run.requests,
                rewind=run.rewind,
                agent=record.actor if record.actor.kind in ("agent", "guest") and record.actor != p.AGENT else None,
                started_at=record.at,
                fence=event.fence,
            )
        case s.Running():
            state.runs[event.run_id] = replace(run, fence=event.fence, starts=run.starts + 1, delay=None)
        case s.Finished() | None:
            pass


def run_delayed(state: s.RoomState, event: p.RunDelayed, _record: p.Record) -> None:
    """A running run waits for its model server."""
    run = state.runs.get(event.run_id)
    if isinstance(run, s.Running):
        delay = s.Delay(problem=event.problem, attempt=event.attempt, of=event.of, retry_at=event.retry_at)
        state.runs[event.run_id] = replace(run, delay=delay)


def notebook_told(state: s.RoomState, event: p.NotebookTold, _record: p.Record) -> None:
    """The model is told of the notebook with the request of a running run."""
    run = state.runs.get(event.run_id)
    if isinstance(run, s.Running):
        told = s.ToldNotebook(text=event.text, cells=event.cells, sources=event.sources)
        state.runs[event.run_id] = replace(run, notebook=told)


def plan_updated(state: s.RoomState, event: p.PlanUpdated, _record: p.Record) -> None:
    """The agent of a running run says what it means to do."""
    run = state.runs.get(event.run_id)
    if isinstance(run, s.Running):
        state.runs[event.run_id] = replace(run, plan=event.entries)


def checkpoint_kept(state: s.RoomState, event: p.CheckpointKept, record: p.Record) -> None:
    """The notebook was kept as it was before a running run changed it; the first time counts."""
    run = state.runs.get(event.run_id)
    if isinstance(run, s.Running) and run.checkpoint is None:
        kept = s.Checkpoint(digest=event.digest, bytes=event.bytes, at=record.at)
        state.runs[event.run_id] = replace(run, checkpoint=kept)


def run_finished(state: s.RoomState, event: p.RunFinished, record: p.Record) -> None:
    """A run is over, and its thread is free for the next."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Queued | s.Running):
        return
    thread = state.threads[run.thread_id]
    if run.run_id in thread.queue:
        thread.queue.remove(run.run_id)
    if thread.active_run_id == run.run_id:
        thread.active_run_id = None
    state.runs[event.run_id] = replace(
        _over(run, record),
        requests=[replace(request, calls=[]) for request in run.requests],
        notebook=run.notebook,
        plan=run.plan,
        checkpoint=run.checkpoint,
        rewind=run.rewind,
        joined=run.joined,
        agent=run.agent if isinstance(run, s.Running) else None,
        outcome=event.outcome,
        error=event.error,
        usage=run.usage if isinstance(run, s.Running) else p.Usage(),
    )

    end_rules_of_run(state, run.run_id)
    forget_run(state, run.run_id)
    if isinstance(run, s.Running) and thread.mode_one_answer:
        thread.mode, thread.mode_one_answer, thread.mode_until, thread.mode_by = "ask", False, None, None
    if event.outcome != "success":
        add_item(state, run.thread_id, "run", run.run_id)


FOLDS = (
    on(p.MessagePosted, message_posted, moves("message", ABSENT, "posted")),
    on(p.RunQueued, run_queued, moves("run", ABSENT, "queued"), moves("message", "posted", "posted")),
    on(p.RunJoined, run_joined, moves("run", "queued", "finished"), moves("run", "running", "running")),
    on(p.RunStarted, run_started, moves("run", "queued, running", "running")),
    on(p.RunDelayed, run_delayed, moves("run", "running", "running")),
    on(p.NotebookTold, notebook_told, moves("run", "running", "running")),
    on(p.PlanUpdated, plan_updated, moves("run", "running", "running")),
    on(p.CheckpointKept, checkpoint_kept, moves("run", "running", "running")),
    on(
        p.RunFinished,
        run_finished,
        moves("run", "queued, running", "finished"),
        moves("rule", PRESENT, ABSENT),
    ),
)
