"""`verify` finds what is wrong with a store, and says where."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from jupyter_copilot.ports.event_log import StoredSnapshot
from jupyter_copilot.storage.rows import Row, checksum
from jupyter_copilot.storage.sqlite.columns import COLUMNS

from ..builders import ALICE, Fold
from .conftest import Open
from .samples import OTHER, ROOM, answered, command, kept, said, told

# The other room has one record, so that it is spared by what is done to later seqs.
DAMAGES = {
    "DELETE FROM records WHERE seq = 3": "record 3 is missing.",
    "DELETE FROM records WHERE seq IN (2, 3)": "records 2 to 3 are missing.",
    "DELETE FROM records WHERE seq = 5": "the head is 5, but the last record is 4.",
    "UPDATE heads SET seq = 7 WHERE room_id = 'room-1'": "the head is 7, but the last record is 5.",
    "UPDATE heads SET seq = 4 WHERE room_id = 'room-1'": "the head is 4, but the last record is 5.",
    "UPDATE heads SET floor = 9 WHERE room_id = 'room-1'": "the floor 9 is above the head 5.",
    "DELETE FROM heads WHERE room_id = 'room-1'": "it has records, but no head.",
    "UPDATE records SET event = '{' WHERE seq = 2": "record 2 is damaged; its checksum differs.",
    "UPDATE records SET event = CAST(x'ff' AS TEXT) WHERE seq = 2": "record 2 is damaged; its checksum differs.",
    "UPDATE records SET at = at + 1 WHERE seq = 2": "record 2 is damaged; its checksum differs.",
    "UPDATE records SET actor = '{}' WHERE seq = 2": "record 2 is damaged; its checksum differs.",
    "UPDATE records SET command_id = 'x' WHERE seq = 2": "record 2 is damaged; its checksum differs.",
    "UPDATE records SET first = 2 WHERE seq = 3": "record 2 is out of order after record 2.",
    "UPDATE records SET seq = -1 WHERE seq = 2": "record 2 is missing.",
    "UPDATE commands SET last = 99": "command c is said to end at 99, above the head 5.",
    "UPDATE snapshots SET state = x'00'": "the snapshot of version 1 at 4 is damaged; its checksum differs.",
    "UPDATE snapshots SET seq = 6": "the snapshot of version 1 is at 6, above the head 5.",
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_fault_is_named_with_room_and_seq(store: Path, open_log: Open, damage: str) -> None:
    log = open_log()
    await told(log, *(said(str(n)) for n in range(4)))
    await log.append(ROOM, 4, [said("e")], actor=ALICE, at=5, command_id=command("c"))
    await log.save_snapshot(ROOM, StoredSnapshot(seq=4, version=1, state=b"{}"))
    await told(log, said("there"), room=OTHER)
    assert await log.verify() == []
    change(store, damage)
    found = await log.verify()
    assert f"Room {ROOM}: {DAMAGES[damage]}" in found
    assert not any(OTHER in sentence for sentence in found)
    assert log.notices == []


async def test_unreadable_json_under_a_right_checksum_is_found(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, said("a"))
    with sqlite3.connect(store) as changed:
        row = Row(*changed.execute(f"SELECT {COLUMNS} FROM records").fetchone())._replace(event=b'{"type": "mess')
        changed.execute("UPDATE records SET event = CAST(? AS TEXT), crc = ?", (row.event, checksum(row)))
    (sentence,) = await log.verify()
    assert sentence.startswith("Room room-1: record 1 is damaged; it cannot be read:")


async def test_a_gap_among_merged_records_is_found(store: Path, open_log: Open) -> None:
    log = open_log()
    fold = Fold()
    answered(fold, deltas=6)
    await kept(log, fold.records)
    await log.compact(ROOM, fold.state.seq)
    assert await log.verify() == []
    with sqlite3.connect(store) as changed:
        ((first, seq),) = changed.execute("SELECT first, seq FROM records WHERE first < seq LIMIT 1")
        changed.execute("DELETE FROM records WHERE seq = ?", (seq,))
    assert await log.verify() == [f"Room room-1: records {first} to {seq} are missing."]


async def test_a_merged_record_above_the_floor_is_found(store: Path, open_log: Open) -> None:
    log = open_log()
    fold = Fold()
    answered(fold)
    await kept(log, fold.records)
    await log.compact(ROOM, fold.state.seq)
    change(store, "UPDATE heads SET floor = 0")
    assert all("is merged, though it is above the floor 0." in sentence for sentence in await log.verify())
    assert len(await log.verify()) == 3


async def test_a_damaged_snapshot_is_not_handed_out(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, said("a"))
    await log.save_snapshot(ROOM, StoredSnapshot(seq=1, version=1, state=b"{}"))
    change(store, "UPDATE snapshots SET state = x'7b'")
    assert await log.load_snapshot(ROOM, 1) is None


async def test_damaged_pages_are_found_and_the_rest_is_checked(store: Path, open_log: Open) -> None:
    log = open_log()
    await told(log, *(said("x" * 3000) for _ in range(60)))
    await told(log, said("there"), room=OTHER)
    await log.close()
    change(store, "PRAGMA wal_checkpoint(TRUNCATE)")
    with store.open("r+b") as file:
        file.seek(4096 * 30)
        file.write(b"\xa5" * 4096 * 10)
    log = open_log()
    found = await log.verify()
    assert any(sentence.startswith("The file: ") for sentence in found)
    assert any(sentence.startswith(f"Room {ROOM}: ") for sentence in found)
    assert log.notices == [] and not list(store.parent.glob("*.corrupt-*")), "looking sets nothing aside"


def change(store: Path, statement: str) -> None:
    connection = sqlite3.connect(store)
    with connection:
        connection.execute(statement)
    connection.close()
