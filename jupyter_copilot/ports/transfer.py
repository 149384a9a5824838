"""The transfer port: the rows of a store as they are, so that they can be taken to another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from ..protocol import RoomId
from .event_log import Head

Value = str | int | bytes | None
Row = tuple[Value, ...]


class Table(NamedTuple):
    """A table of what belongs to rooms: its name, its columns, and the one that tells a room's rows apart."""

    name: str
    columns: tuple[str, ...]
    key: str

    def key_of(self, row: Row) -> Value:
        """The row's key within its room."""
        return row[self.columns.index(self.key)]


TABLES = (
    Table("records", ("room_id", "seq", "first", "at", "actor", "command_id", "event", "crc"), "seq"),
    Table("commands", ("room_id", "command_id", "first", "last"), "command_id"),
    Table("writes", ("room_id", "write_id", "first", "last"), "write_id"),
    Table("snapshots", ("room_id", "version", "seq", "state", "crc"), "version"),
    Table("pictures", ("room_id", "digest", "mime", "seq", "bytes", "data", "owner"), "digest"),
)
"""All but the heads, of which a room's is written last: a room without one was not copied to its end."""


class CatalogRow(NamedTuple):
    """A room in the catalog, as it is stored."""

    room_id: RoomId
    path: str
    created_at: int
    archived_at: int | None


class Transfer(Protocol):
    """What copying takes of a store. Every method may raise `StoreError`; each is one transaction."""

    async def heads(self) -> dict[RoomId, Head]:
        """Every room with a head."""

    async def page(self, table: Table, room_id: RoomId, after: Value, limit: int) -> list[Row]:
        """Up to `limit` of the room's rows with a key above `after` (None: from the first), in the order of keys."""

    async def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows as they are; one whose key is there already stays as it was."""

    async def clear(self, room_id: RoomId) -> None:
        """Delete the room's rows in all tables and its head; its place in the catalog stays."""

    async def put_head(self, room_id: RoomId, head: Head) -> None:
        """Write the head of a room that has none."""

    async def catalog(self) -> list[CatalogRow]:
        """Every room in the catalog, oldest first."""

    async def put_catalog(self, row: CatalogRow) -> bool:
        """Enter a room, or bring its entry up to date; False when its path is another room's."""

    async def lease_numbers(self) -> dict[str, int]:
        """The number last given of each lease."""

    async def raise_leases(self, numbers: dict[str, int]) -> None:
        """See to it that no lease is given under a number that was given before."""


@runtime_checkable
class Transferable(Protocol):
    """A store that can be copied."""

    @property
    def transfer(self) -> Transfer:
        """The rows of this store."""
