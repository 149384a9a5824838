"""What a room's state weighs in bytes, and which of its oldest items leave it when that is too much."""

from __future__ import annotations

from .. import protocol as p
from . import state as s
from .reducer.threads import is_settled

ROOM_BELOW = 3 / 4
"""Once it is too heavy, a state is brought down to this share of what it may weigh, so that it is weighed rarely."""


def weight(value: object) -> int:
    """The bytes of the value's JSON."""
    return len(p.encode(value))


def item_weight(state: s.RoomState, item: s.Item) -> int:
    """The bytes that leave the state with an item."""
    match item.type:
        case "message":
            message = state.messages.get(item.id)
            asked_for = [state.runs.get(run_id) for run_id in message.run_ids] if isinstance(message, s.Posted) else []
            return weight(message) + sum(weight(run.notebook) for run in asked_for if run is not None and run.notebook)
        case "call":
            call = state.calls.get(item.id)
            asked = state.confirmations.get(call.confirmation_id or "") if call is not None else None
            return weight(call) + weight(asked)
        case "confirmation":
            return weight(state.confirmations.get(item.id))
        case _:
            return 0


def prune_to(state: s.RoomState, budget: int) -> list[p.ThreadPruned]:
    """What must leave so that the state fits into a budget: the oldest settled items, of the heaviest threads first."""
    total = weight(state)
    if total <= budget:
        return []
    wanted = total - round(budget * ROOM_BELOW)
    weights = {
        thread_id: [item_weight(state, item) for item in thread.items] for thread_id, thread in state.threads.items()
    }
    pruned: list[p.ThreadPruned] = []
    for thread_id in sorted(weights, key=lambda one: -sum(weights[one])):
        freed, items = 0, 0
        for item, bytes_ in zip(state.threads[thread_id].items, weights[thread_id], strict=True):
            if freed >= wanted or not is_settled(state, item):
                break
            freed, items = freed + bytes_, items + 1
        if items:
            pruned.append(p.ThreadPruned(thread_id=p.ThreadId(thread_id), items=items))
            wanted -= freed
        if wanted <= 0:
            break
    return pruned
