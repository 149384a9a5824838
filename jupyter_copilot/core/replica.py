"""A client's copy of a room's state: what was folded, and up to where.

The browser's does the same (`core/replica.ts`); both run the vectors in `tests/vectors/replica.json`.
"""

from __future__ import annotations

from .. import protocol as p
from ..protocol.errors import Gap
from . import state as s
from .reducer import apply


class Replica:
    """Shows a state only once it is whole; a connection that breaks off before leaves what was there."""

    def __init__(self) -> None:
        self._shown: s.RoomState | None = None
        # What this connection folds into: `_shown` when it goes on from there, else a state that is shown once whole.
        self._folding: s.RoomState | None = None
        self._forgotten = False

    @property
    def state(self) -> s.RoomState | None:
        """The state as of the last record; None until the room was first seen whole."""
        return self._shown

    @property
    def cursor(self) -> p.Cursor | None:
        """What a greeting names, so that only what is missing is sent."""
        if self._shown is None or self._forgotten:
            return None
        return p.Cursor(log=self._shown.log, seq=self._shown.seq)

    def forget(self) -> None:
        """Ask for everything anew with the next greeting; what is there is shown until then."""
        self._forgotten = True

    def begin(self, log: p.LogId) -> None:
        """A connection to this log begins: go on from the cursor, or from nothing."""
        goes_on = self._shown is not None and self._shown.log == log and not self._forgotten
        self._folding = self._shown if goes_on else s.initial(log)

    def replace(self, snapshot: p.Snapshot) -> None:
        """The whole state, whatever was folded before."""
        self._folding = s.decode_state(snapshot.state)

    def fold(self, frame: p.Records) -> None:
        """Fold a frame of records; those that were folded before are left out. Raises `Gap` when one is missing."""
        state = self._here()
        if not frame.records or frame.records[-1].seq <= state.seq:
            return
        known = [record.seq for record in frame.records if record.seq <= state.seq]
        reached = known[-1] if known else frame.first - 1
        if reached != state.seq:
            # Also when a merged record begins before the cursor and ends after it.
            raise Gap(state.seq + 1, reached + 1)
        for record in frame.records[len(known) :]:
            apply(state, record, floor=frame.records[-1].seq)

    def settle(self, seq: int) -> None:
        """Everything up to `seq` is here: show it. Raises `Gap` when it is not."""
        state = self._here()
        if state.seq != seq:
            raise Gap(seq, state.seq)
        self._shown = state
        self._forgotten = False

    def abandon(self) -> None:
        """The connection is gone: a state that is not whole yet is thrown away."""
        self._folding = None

    def _here(self) -> s.RoomState:
        if self._folding is None:
            raise Gap(0, 0)
        return self._folding
