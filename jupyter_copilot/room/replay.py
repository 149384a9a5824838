"""A room's tail: its last records, at hand for those who come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from .. import protocol as p


class Tail:
    """At most `limit` records: those after `begins_after`, none missing but what compaction merged."""

    def __init__(self, head: int, limit: int) -> None:
        self.begins_after = head
        self._limit = limit
        self._records: deque[p.Record] = deque()

    def after(self, seq: int) -> list[p.Record] | None:
        """The records after this seq; None when they begin before the tail does."""
        if seq < self.begins_after:
            return None
        return [record for record in self._records if record.seq > seq]

    def append(self, records: Iterable[p.Record]) -> None:
        """Take records that follow; the oldest go."""
        self._records.extend(records)
        while len(self._records) > self._limit:
            self.begins_after = self._records.popleft().seq

    def prepend(self, after: int, records: Sequence[p.Record]) -> None:
        """Take the records after this seq as far as they are missing; what does not fit is left out.

        So are all of them when they end before the tail begins, as it may have moved on while they were read.
        """
        if after < self.begins_after and records and records[-1].seq >= self.begins_after:
            earlier = [record for record in records if record.seq <= self.begins_after]
            self._records.extendleft(reversed(earlier))
            self.begins_after = after
            self.append(())
