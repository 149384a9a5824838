"""The places at which a crash test may stop a process that uses the SQLite event log."""

from __future__ import annotations

from collections.abc import Callable

Failpoint = Callable[[str], None]
"""Called with the name of each place that is reached; a test kills the process there."""

WRITES = (
    "open_room",
    "append",
    "save_snapshot",
    "compact",
    "acquire",
    "renew",
    "release",
    "room_for",
    "move",
    "archive",
)
"""The operations that write; each one passes `<name>.begin`, `.before_commit` and `.after_commit`, in this order."""

FAILPOINTS = (
    "migrate.before_commit",
    "migrate.after_commit",
    *(f"{name}.{place}" for name in WRITES for place in ("begin", "before_commit", "after_commit")),
    "set_aside.before_rename",
    "set_aside.half_renamed",
    "set_aside.after_rename",
)
