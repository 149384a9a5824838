"""What SQL needs of a row of `records`."""

from __future__ import annotations

COLUMNS = "room_id, seq, first, at, CAST(actor AS BLOB), command_id, CAST(event AS BLOB), crc"
"""What to select for a `Row`; damaged text must reach the checksum as it is, not fail in its decoding."""

INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?)"
