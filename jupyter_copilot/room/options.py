"""The numbers that rooms go by."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..core.permissions.house import NO_HOUSE, House


class RoomOptions(Struct, frozen=True, kw_only=True):
    """What a server's rooms keep, and how long they wait; the defaults are what the product runs with."""

    tail_records: int = 1000
    """Records kept in memory for those who resume; further behind, a snapshot is cheaper."""
    snapshot_every: int = 500
    """Records between two stored snapshots."""
    snapshot_bytes: int = 4 << 20
    """Bytes of records between two stored snapshots, whichever comes first."""
    compact_every: int = 4000
    """Records between two compactions."""
    read_batch: int = 1000
    """Records read from the log at once."""
    read_bytes: int = 4 << 20
    """And their bytes."""
    picture_bytes: int = 256 << 20
    """Bytes of the pictures that a room keeps on the disk; beyond that, those named longest ago are dropped."""
    tail_bytes: int = 4 << 20
    """Bytes of the records kept in memory."""
    state_bytes: int = 4 << 20
    """Bytes of the state; beyond that its oldest settled items leave it. Their records stay in the log."""
    presence_tick_s: float = 0.05
    """Changes of presence within this time go out as one frame."""

    stalled_s: float = 30.0
    """How long a socket may take nothing at all before its session closes."""
    heartbeat_s: float = 15.0
    """An idle session sends a heartbeat this often."""
    tab_answer_s: float = 10.0
    """How long a tab has to answer with the notebook as it shows it."""

    house: Callable[[str], House] = lambda path: NO_HOUSE
    """What the administrator lays down for the room with this key, and the tools there; asked for each time."""

    grace_s: float = 60.0
    """How long a room stays loaded after its last session left."""
    resume_rooms: int = 200
    """After a restart at most so many rooms are loaded without anybody opening them."""
    resume_within_ms: int = 7 * 86_400_000
    """And only those that were in use within this time."""
