"""What is derived from the state, and never stored."""

from __future__ import annotations

from collections.abc import Iterator

from ...protocol import RunId, ThreadId
from .calls import Call
from .confirmations import Open
from .messages import Posted
from .room import RoomState, Thread
from .runs import Checkpoint, Run, Running


def active_run(state: RoomState, thread_id: ThreadId) -> Running | None:
    """The run that is driven in this thread now."""
    thread = state.threads.get(thread_id)
    run = state.runs.get(thread.active_run_id) if thread and thread.active_run_id else None
    return run if isinstance(run, Running) else None


def open_confirmations(state: RoomState) -> Iterator[Open]:
    """Every confirmation that waits for a person, oldest first."""
    return (c for c in state.confirmations.values() if isinstance(c, Open))


def run_calls(state: RoomState, run_id: RunId) -> Iterator[Call]:
    """The calls of a run, in the order in which they were proposed."""
    return (c for c in state.calls.values() if c.run_id == run_id)


def run_is_parked(state: RoomState, run_id: RunId) -> bool:
    """Whether the run waits for people."""
    return any(c.run_id == run_id for c in open_confirmations(state))


def taken_back(thread: Thread) -> frozenset[str]:
    """The ids of the items that rewinds took back: they are shown apart, and told no more."""
    found: set[str] = set()
    ids = [item.id for item in thread.items] if thread.rewinds else []
    for rewound in thread.rewinds:
        begin = ids.index(rewound.since) if rewound.since in ids else 0
        found.update(ids[begin : ids.index(rewound.through) + 1] if rewound.through in ids else ())
    return frozenset(found)


def checkpoint_since(state: RoomState, message: Posted) -> Checkpoint | None:
    """The first checkpoint after this message: the notebook as it was before anything was changed for anybody since."""
    places = {message_id: place for place, message_id in enumerate(state.messages)}
    asked = (message.at, places[message.message_id])
    kept = [
        (run.checkpoint.at, places.get(run.message_id, -1), run.checkpoint)
        for run in state.runs.values()
        if run.checkpoint is not None
    ]
    later = [each for each in kept if each[:2] >= asked or each[0] > message.at]
    return min(later, key=lambda each: each[:2])[2] if later else None


def request_of(state: RoomState, request_id: str) -> tuple[Run, int] | None:
    """The run that a guest's request belongs to, and the number of the step that answers it."""
    for run in reversed(state.runs.values()):
        for step, request in enumerate(run.requests, 1):
            if request.request_id == request_id:
                return run, step
    return None


def step_calls(state: RoomState, run_id: RunId, step: int) -> list[Call]:
    """The calls of one step of a run, in the order in which they were proposed."""
    return [call for call in run_calls(state, run_id) if call.step == step]
