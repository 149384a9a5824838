"""Folding what happens to threads, and which items of a thread are kept."""

from __future__ import annotations

from typing_extensions import assert_never

from ... import protocol as p
from .. import state as s
from .fold import ABSENT, PRESENT, moves, on
from .rules import end_rules_of_thread


def thread_created(state: s.RoomState, event: p.ThreadCreated, record: p.Record) -> None:
    """A thread that was not there is."""
    if event.thread_id not in state.threads:
        state.threads[event.thread_id] = s.Thread(
            thread_id=event.thread_id, title=event.title, created_at=record.at, created_by=record.actor
        )


def thread_renamed(state: s.RoomState, event: p.ThreadRenamed, _record: p.Record) -> None:
    """A thread has another title."""
    if event.thread_id in state.threads:
        state.threads[event.thread_id].title = event.title


def thread_archived(state: s.RoomState, event: p.ThreadArchived, _record: p.Record) -> None:
    """A thread is put away."""
    if event.thread_id in state.threads:
        state.threads[event.thread_id].archived = True
        end_rules_of_thread(state, event.thread_id)


def thread_mode_changed(state: s.RoomState, event: p.ThreadModeChanged, record: p.Record) -> None:
    """A thread has another mode, perhaps for a while."""
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        ends = event.until is not None or event.one_answer
        thread.mode, thread.mode_until, thread.mode_one_answer = event.mode, event.until, event.one_answer
        thread.mode_by = record.actor if ends else None


def thread_summarised(state: s.RoomState, event: p.ThreadSummarised, record: p.Record) -> None:
    """What came before is told to the model in short."""
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        thread.summary = s.Summary(through=event.through, text=event.text, at=record.at)
        add_item(state, event.thread_id, "summary", f"summary.{record.seq}")


def thread_rewound(state: s.RoomState, event: p.ThreadRewound, record: p.Record) -> None:
    """Items of a thread are told no more, nor is a summary that stands for some of them."""
    thread = state.threads.get(event.thread_id)
    if thread is None or any(each.rewind_id == event.rewind_id for each in thread.rewinds):
        return
    rewound = s.Rewound(
        rewind_id=event.rewind_id, since=event.since, through=event.through, by=record.actor, at=record.at
    )
    thread.rewinds = [*thread.rewinds, rewound]
    if thread.summary is not None and thread.summary.through in s.taken_back(thread):
        thread.summary = None


def rewind_undone(state: s.RoomState, event: p.RewindUndone, _record: p.Record) -> None:
    """Items of a thread are told again."""
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        thread.rewinds = [each for each in thread.rewinds if each.rewind_id != event.rewind_id]


def thread_pruned(state: s.RoomState, event: p.ThreadPruned, _record: p.Record) -> None:
    """The oldest items of a thread are no longer kept."""
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        _prune(state, thread, len(thread.items) - event.items)


def add_item(state: s.RoomState, thread_id: p.ThreadId, kind: s.ItemType, id: str) -> None:
    """Append to the timeline of a thread, and let go of what is old."""
    thread = state.threads[thread_id]
    thread.items.append(s.Item(type=kind, id=id))
    if len(thread.items) > s.RETAINED_ITEMS:
        _prune(state, thread, s.PRUNE_TO)


def _prune(state: s.RoomState, thread: s.Thread, keep: int) -> None:
    """Drop the oldest settled items until `keep` are left; stops at the first that is not settled."""
    dropped = 0
    while len(thread.items) - dropped > max(keep, 0) and is_settled(state, thread.items[dropped]):
        _forget(state, thread.items[dropped])
        dropped += 1
    del thread.items[:dropped]
    thread.dropped += dropped
    if dropped and thread.rewinds:
        kept = {item.id for item in thread.items}
        thread.rewinds = [each for each in thread.rewinds if each.through in kept]


def is_settled(state: s.RoomState, item: s.Item) -> bool:
    """Whether nothing will change about an item any more, so that the state may let go of it."""
    match item.type:
        case "message":
            message = state.messages.get(item.id)
            match message:
                case s.Posted():
                    return all(_run_is_over(state, run_id) for run_id in message.run_ids)
                case s.Streaming():
                    return False
                case s.Complete() | s.Struck():
                    return _run_is_over(state, message.run_id)
                case None:
                    return True
        case "call":
            call = state.calls.get(item.id)
            return call is None or (isinstance(call, s.CallDone) and _run_is_over(state, call.run_id))
        case "confirmation":
            return not isinstance(state.confirmations.get(item.id), s.Open)
        case "run" | "summary":
            return True
    assert_never(item.type)


def _run_is_over(state: s.RoomState, run_id: p.RunId) -> bool:
    return isinstance(state.runs.get(run_id), s.Finished | None)


def _forget(state: s.RoomState, item: s.Item) -> None:
    match item.type:
        case "message":
            message = state.messages.pop(item.id, None)
            if isinstance(message, s.Posted):
                for run_id in message.run_ids:
                    state.runs.pop(run_id, None)
        case "call":
            call = state.calls.pop(item.id, None)
            if call is not None and call.confirmation_id is not None:
                state.confirmations.pop(call.confirmation_id, None)
        case "confirmation":
            state.confirmations.pop(item.id, None)
        case "run" | "summary":
            pass


FOLDS = (
    on(p.ThreadCreated, thread_created, moves("thread", ABSENT, PRESENT)),
    on(p.ThreadRenamed, thread_renamed, moves("thread", PRESENT, PRESENT)),
    on(p.ThreadArchived, thread_archived, moves("thread", PRESENT, PRESENT), moves("rule", PRESENT, ABSENT)),
    on(p.ThreadModeChanged, thread_mode_changed, moves("thread", PRESENT, PRESENT)),
    on(p.ThreadSummarised, thread_summarised, moves("thread", PRESENT, PRESENT)),
    on(p.ThreadRewound, thread_rewound, moves("thread", PRESENT, PRESENT)),
    on(p.RewindUndone, rewind_undone, moves("thread", PRESENT, PRESENT)),
    on(
        p.ThreadPruned,
        thread_pruned,
        moves("thread", PRESENT, PRESENT),
        moves("message", "posted, complete", ABSENT),
        moves("call", "finished", ABSENT),
        moves("confirmation", "decided", ABSENT),
        moves("run", "finished", ABSENT),
    ),
)
