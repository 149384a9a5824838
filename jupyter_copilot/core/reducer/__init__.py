"""The fold: `apply(state, record)` is how every participant learns what happened.

It is total and deterministic: it reads no clock and makes no ids, and an event that does not fit the state it meets is
a no-op. Only a record out of its place is refused. The cost of one record does not grow with the history.

`FOLDS` says of each event what handles it, and from which status to which it takes an entry: a new event is one row in
one of the modules here. The table of transitions in `docs/protocol.md` is generated from it.
"""

from __future__ import annotations

from ... import protocol as p
from ...protocol.errors import Gap
from .. import state as s
from . import agents, budgets, calls, confirmations, guests, notices, rules, runs, steps, threads
from .calls import RETAINED_OUTPUT_CHARS as RETAINED_OUTPUT_CHARS
from .fold import Fold
from .steps import add_usage as add_usage

MODULES = (threads, rules, runs, steps, calls, confirmations, agents, guests, notices, budgets)
FOLDS: dict[type, Fold] = {fold.event: fold for module in MODULES for fold in module.FOLDS}


def apply(state: s.RoomState, record: p.Record, floor: int = 0) -> s.RoomState:
    """Fold one record into the state, in place, and return it.

    Raises `Gap` when the record is not the next one. Up to `floor`, where the log merges deltas, seqs may skip.
    """
    if record.seq != state.seq + 1 and not state.seq < record.seq <= floor:
        raise Gap(state.seq + 1, record.seq)
    state.seq = record.seq
    fold = FOLDS.get(type(record.event))
    if fold is not None:  # an event of a later version only advances the cursor
        fold.handler(state, record.event, record)
    return state
