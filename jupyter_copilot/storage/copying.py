"""Copying a store into another one: every record, nothing twice, taken up again where it was interrupted."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import NamedTuple

import msgspec

from ..ports.event_log import Head
from ..ports.transfer import TABLES, CatalogRow, Row, Table, Transfer
from ..protocol import RoomId
from ..protocol.errors import StoreError

PAGE, PICTURES_PAGE = 500, 8
ROUNDS = 3
"""So often what was written meanwhile is copied after the rest, before people are told to stop the servers."""


class CopyRefused(StoreError):
    """The two stores do not go together."""

    code = "copy_refused"


class Copied(NamedTuple):
    """A room that is in the target as it is in the source; `done` of `total` are."""

    room_id: RoomId
    path: str
    records: int
    done: int
    total: int
    was_there: bool


async def copy(source: Transfer, target: Transfer) -> AsyncIterator[Copied]:
    """Copy every room, and tell of each; what is in the target already is compared and left as it is.

    A room becomes whole in the target with its head, which comes last: one without was interrupted, and is copied anew.
    Raises `CopyRefused` when a room of the target is not an earlier state of the source's, or the source is still
    being written.
    """
    for _ in range(ROUNDS):
        heads, catalog, there = await source.heads(), await source.catalog(), await target.heads()
        paths = {row.room_id: row.path for row in catalog}
        await _enter(target, catalog)
        await target.raise_leases(await source.lease_numbers())
        for done, (room_id, head) in enumerate(heads.items(), 1):
            was_there = await _copy_room(source, target, room_id, head, there.get(room_id))
            yield Copied(room_id, paths.get(room_id, ""), head.seq, done, len(heads), was_there)
        if await source.heads() == heads and await source.catalog() == catalog:
            return
    raise CopyRefused("The source is being written.", hint="Stop the servers that use it, and copy again.")


async def _enter(target: Transfer, catalog: list[CatalogRow]) -> None:
    there = {row.room_id: row for row in await target.catalog()}
    for row in catalog:  # a room may have moved to where another one was
        known = there.get(row.room_id)
        if known is not None and known != row:
            await target.put_catalog(known._replace(archived_at=known.archived_at or known.created_at))
    for row in catalog:
        if not await target.put_catalog(row):
            raise CopyRefused(
                f"The target has another room for {row.path}.",
                hint="Copy into an empty store, or one that was copied from the same source.",
            )


async def _copy_room(
    source: Transfer, target: Transfer, room_id: RoomId, head: Head, there: Head | None
) -> bool:  # fmt: skip
    """Copy one room and compare; returns whether it was there already."""
    wanted = await fingerprint(source, room_id)
    if there is not None:
        if there == head and await fingerprint(target, room_id) == wanted:
            return True
        if there.log != head.log or not await _is_earlier(source, target, room_id, there):
            raise CopyRefused(
                f"Room {room_id} has records in the target that the source does not have.",
                hint="The target was used after it was copied. Copy into an empty store.",
            )
    await target.clear(room_id)
    for table in TABLES:
        async for rows in pages(source, table, room_id):
            await target.put(table, rows)
    await target.put_head(room_id, head)
    if await fingerprint(target, room_id) != wanted:
        raise CopyRefused(
            f"Room {room_id} differs after it was copied.", hint="Stop the servers that use the source, and copy again."
        )
    return False


async def _is_earlier(source: Transfer, target: Transfer, room_id: RoomId, there: Head) -> bool:
    """Whether the target's last record is one of the source's."""
    records = TABLES[0]
    last = await target.page(records, room_id, there.seq - 1, 1)
    same = await source.page(records, room_id, there.seq - 1, 1)
    return not there.seq or (bool(last) and last == same)


async def pages(store: Transfer, table: Table, room_id: RoomId) -> AsyncIterator[list[Row]]:
    """All of the room's rows in a table, page by page."""
    limit = PICTURES_PAGE if table.name == "pictures" else PAGE
    rows = await store.page(table, room_id, None, limit)
    while rows:
        yield rows
        rows = await store.page(table, room_id, table.key_of(rows[-1]), limit) if len(rows) == limit else []


async def fingerprint(store: Transfer, room_id: RoomId) -> str:
    """A digest over all that belongs to a room, which is the same in every kind of store."""
    digest = hashlib.sha256()
    for table in TABLES:
        async for rows in pages(store, table, room_id):
            digest.update(msgspec.json.encode([table.name, rows]))
    return digest.hexdigest()
