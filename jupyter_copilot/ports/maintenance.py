"""The maintenance port: what keeps a store small and whole."""

from __future__ import annotations

from typing import Protocol

from ..protocol import RoomId


class Maintenance(Protocol):
    """What is done to a store beside reading and writing it. Every method may raise `StoreError`."""

    async def compact(self, room_id: RoomId, floor: int) -> int:
        """Merge the text, reasoning and output deltas of settled steps and calls up to `floor`; returns rows removed.

        A merged row folds to the same state as the rows that it replaces and takes the last one's seq. A crash in
        between leaves the log as it was before or as it is after.
        """

    async def drop_pictures(self, room_id: RoomId, keep_bytes: int) -> int:
        """Delete the pictures that were named longest ago, so that the others fit; returns how many.

        Their room on the disk is given back.
        """

    async def verify(self) -> list[str]:
        """One sentence for each gap, damaged row or other fault, naming room and seq; empty when all is well."""
