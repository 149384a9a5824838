"""What all entries of the state have in common, and how many are kept."""

from __future__ import annotations

from msgspec import Struct

STATE_VERSION = 1
"""Stored with a snapshot: another version's snapshot is folded anew from the records."""

RETAINED_ITEMS = 400
PRUNE_TO = 300
RETAINED_OUTPUTS = 200
MAX_THREADS = 200
RETAINED_NOTICES = 200
RETAINED_MENTIONS = 200


class Entry(Struct, frozen=True, kw_only=True, tag_field="status"):
    """Base of every variant; its name stands in `status`."""
