"""The SQL of heads, records, command ids, write ids, snapshots and pictures."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from ...core.pictures import Picture
from ...ports.event_log import WRITES_KEPT, Head, Look, StoredSnapshot, WriteId
from ...ports.leases import Fence
from ...protocol import Actor, CommandId, LogId, RoomId, encode
from ..dropping import Kept, to_drop
from ..ids import new_log_id
from ..merging import Plan
from ..rows import Row
from .connection import Connection, count

COLUMNS = "room_id, seq, first, at, actor, command_id, event, crc"


class Outcome(NamedTuple):
    """What became of an append: `written`, `known` with first and last seq, `fenced`, or `conflict` with the head."""

    kind: str
    first: int | None
    last: int | None


async def find_heads(connection: Connection, room_ids: Collection[RoomId]) -> dict[RoomId, Head]:
    """The heads of those of the rooms that have a log."""
    rows = await connection.fetch(
        "SELECT room_id, log, seq, floor FROM copilot.heads WHERE room_id = ANY($1)", [*room_ids]
    )
    return {RoomId(room_id): Head(LogId(log), seq, floor) for room_id, log, seq, floor in rows}


async def open_head(connection: Connection, room_id: RoomId) -> Head:
    """The room's head, made with a fresh log id when there is none."""
    await connection.execute(
        "INSERT INTO copilot.heads VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING", room_id, new_log_id()
    )
    return (await find_heads(connection, [room_id]))[room_id]


async def append(
    connection: Connection,
    room_id: RoomId,
    expected_head: int,
    rows: Sequence[Row],
    at: int,
    actor: Actor,
    command_id: CommandId | None,
    write_id: WriteId | None,
    fence: Fence | None,
    pictures: Sequence[Picture],
) -> Outcome:
    """Write the rows after the expected head, in one statement."""
    row = await connection.fetchrow(
        "SELECT outcome, a, b"
        " FROM copilot.append_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        room_id,
        expected_head,
        command_id,
        write_id,
        WRITES_KEPT,
        *(fence or (None, None)),
        new_log_id(),
        at,
        encode(actor),
        [each.event for each in rows],
        [each.crc for each in rows],
        f"{actor.kind} {actor.id}",
        [each.digest for each in pictures],
        [each.mime for each in pictures],
        [each.data for each in pictures],
    )
    assert row is not None
    return Outcome(*row)


async def look(connection: Connection, room_id: RoomId, command_ids: Collection[CommandId]) -> Look | None:
    """The room's head and the last seq of each of the commands that is known; None for a room without a log."""
    rows = await connection.fetch(
        "SELECT log, seq, floor, command_id, last FROM copilot.heads LEFT JOIN copilot.commands"
        " ON commands.room_id = heads.room_id AND command_id = ANY($2) WHERE heads.room_id = $1",
        room_id,
        [*command_ids],
    )
    if not rows:
        return None
    log, seq, floor, *_ = rows[0]
    known = {CommandId(command_id): int(last) for _, _, _, command_id, last in rows if command_id is not None}
    return Look(Head(LogId(log), seq, floor), known)


async def written(connection: Connection, room_id: RoomId, write_id: WriteId) -> list[Row] | None:
    """What was written under this id: nothing left when compaction merged any of it, None when it is not known."""
    found = await connection.fetchrow(
        "SELECT first, last FROM copilot.writes WHERE room_id = $1 AND write_id = $2", room_id, write_id
    )
    return None if found is None else await between(connection, room_id, *found)


async def between(connection: Connection, room_id: RoomId, first: int, last: int) -> list[Row]:
    """The rows from `first` to `last`, or nothing when any of them were merged."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM copilot.records WHERE room_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq",
        room_id,
        first,
        last,
    )
    found = [Row(*row) for row in rows]
    return found if len(found) == last - first + 1 and found[:1] and found[0].first == first else []


async def read(connection: Connection, room_id: RoomId, after: int, limit: int | None) -> list[Row]:
    """The rows above `after` in order, at most `limit` of them."""
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM copilot.records WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        room_id,
        after,
        limit,
    )
    return [Row(*row) for row in rows]


async def read_bytes(
    connection: Connection, room_id: RoomId, after: int, limit: int, max_bytes: int | None
) -> list[Row]:
    """The rows above `after` in order, no more once they have `max_bytes`, but one always."""
    if max_bytes is None:
        return await read(connection, room_id, after, limit)
    rows = await connection.fetch(
        f"SELECT {COLUMNS} FROM (SELECT {COLUMNS}, sum(length(event)) OVER (ORDER BY seq) - length(event) AS before"
        " FROM copilot.records WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS page"
        " WHERE before < $4 ORDER BY seq",
        room_id,
        after,
        limit,
        max_bytes,
    )
    return [Row(*row) for row in rows]


async def carry_out(connection: Connection, room_id: RoomId, plan: Plan) -> int:
    """Put merged rows in the place of the others; returns rows removed, 0 when somebody else moved the floor."""
    async with connection.transaction():
        moved = await connection.execute(
            "UPDATE copilot.heads SET floor = $2 WHERE room_id = $1 AND floor = $3", room_id, plan.floor, plan.old_floor
        )
        if count(moved) == 0:
            return 0
        removed = await connection.execute(
            "DELETE FROM copilot.records USING unnest($2::bigint[], $3::bigint[]) AS merged (first, last)"
            " WHERE room_id = $1 AND seq BETWEEN merged.first AND merged.last",
            room_id,
            [row.first for row in plan.rows],
            [row.seq for row in plan.rows],
        )
        await connection.execute(
            f"INSERT INTO copilot.records ({COLUMNS}) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[],"
            " $4::bigint[], $5::bytea[], $6::text[], $7::bytea[], $8::bigint[])",
            *([list(column) for column in zip(*plan.rows, strict=True)] or [[]] * 8),
        )
    return count(removed) - len(plan.rows)


async def save_snapshot(connection: Connection, room_id: RoomId, snapshot: StoredSnapshot) -> None:
    """Keep the snapshot, unless a later one of its version is kept."""
    await connection.execute(
        "INSERT INTO copilot.snapshots AS kept VALUES ($1, $2, $3, $4, $5) ON CONFLICT (room_id, version) DO UPDATE"
        " SET seq = excluded.seq, state = excluded.state, crc = excluded.crc WHERE excluded.seq > kept.seq",
        room_id,
        snapshot.version,
        snapshot.seq,
        snapshot.state,
        zlib.crc32(snapshot.state),
    )


async def load_snapshot(connection: Connection, room_id: RoomId, version: int) -> StoredSnapshot | None:
    """The snapshot of this version; None when there is none, or it is damaged and the records must do."""
    row = await connection.fetchrow(
        "SELECT seq, state, crc FROM copilot.snapshots WHERE room_id = $1 AND version = $2", room_id, version
    )
    if row is None or zlib.crc32(row[1]) != row[2]:
        return None
    return StoredSnapshot(seq=row[0], version=version, state=row[1])


async def picture(connection: Connection, room_id: RoomId, digest: str) -> Picture | None:
    """The picture with this digest, if the room has it."""
    row = await connection.fetchrow(
        "SELECT mime, data FROM copilot.pictures WHERE room_id = $1 AND digest = $2", room_id, digest
    )
    return None if row is None else Picture(digest=digest, mime=row[0], data=row[1])


async def drop_pictures(connection: Connection, room_id: RoomId, keep_bytes: int) -> int:
    """Delete the oldest pictures of whoever has most, until the others fit; returns how many."""
    async with connection.transaction():
        rows = await connection.fetch(
            "SELECT digest, owner, bytes FROM copilot.pictures WHERE room_id = $1 ORDER BY seq DESC, digest FOR UPDATE",
            room_id,
        )
        dropped = to_drop((Kept(*row) for row in rows), keep_bytes, len(rows))
        await connection.execute(
            "DELETE FROM copilot.pictures WHERE room_id = $1 AND digest = ANY($2)", room_id, dropped
        )
    return len(dropped)
