"""A store is copied into another kind of store with nothing lost, also when the copying is killed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core.pictures import Picture
from jupyter_copilot.ports.event_log import StoredSnapshot, WriteId
from jupyter_copilot.ports.transfer import TABLES
from jupyter_copilot.storage.copying import CopyRefused, copy, fingerprint
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..builders import ALICE, BOB
from .conftest import OpenPostgres
from .postgres_server import PostgresServer
from .samples import command, printed, said, told

ROOMS = 6


Store = SqliteEventLog | PostgresEventLog


async def _fill(store: Store) -> list[p.RoomId]:
    """Rooms with all that a room may have: merged records, commands, writes, a snapshot, a picture, an archived one."""
    room_ids = []
    for number in range(ROOMS):
        room_id = await store.room_for(f"/home/a/{number}.ipynb", number)
        room_ids.append(room_id)
        await told(store, *(said(f"{number} {each} \x00🎈") for each in range(4)), room=room_id)
        picture = Picture(digest=_digest(number), mime="image/png", data=bytes([number]) * 1000)
        await store.append(
            room_id, 4, [said("picture")], actor=BOB, at=5, command_id=command("c"), pictures=[picture]
        )  # fmt: skip
        await store.append(room_id, 5, [said("write")], actor=ALICE, at=6, write_id=WriteId("w"))
        call = p.CallId("call")
        done = p.CallFinished(call_id=call, result=p.CallResult(text="done"))
        await told(store, printed(call, "a\n"), printed(call, "b\n"), done, said("end"), room=room_id)
        await store.save_snapshot(room_id, StoredSnapshot(seq=9, version=1, state=b"{}"))
        assert await store.compact(room_id, 9) > 0
    for number in range(3):
        fence = await store.acquire("runs/x", f"o{number}", 60)
        assert fence is not None
        await store.release(fence, f"o{number}")
    await store.archive("/home/a/1.ipynb", 77)
    await store.room_for("/home/a/1.ipynb", 78)
    return room_ids


def _digest(number: int) -> str:
    return hashlib.sha256(bytes([number]) * 1000).hexdigest()


async def _same(source: Store, target: Store) -> None:
    """Everything is in both, for all who look."""
    assert await source.transfer.heads() == await target.transfer.heads()
    assert await source.transfer.catalog() == await target.transfer.catalog()
    assert await target.transfer.lease_numbers() == await source.transfer.lease_numbers()
    for room_id in await source.transfer.heads():
        assert await fingerprint(source.transfer, room_id) == await fingerprint(target.transfer, room_id)
        assert await source.read(room_id, 0) == await target.read(room_id, 0)
    assert await target.verify() == []
    assert await target.rooms() == await source.rooms()


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite"])
def ends(
    request: pytest.FixtureRequest, sqlite: SqliteEventLog, open_postgres_log: OpenPostgres
) -> tuple[Store, Store]:
    both: tuple[Store, Store] = (sqlite, open_postgres_log())
    return both if request.param == "sqlite to postgres" else both[::-1]


async def _all(copying: AsyncIterator[object]) -> int:
    return len([each async for each in copying])


async def test_everything_is_copied_and_goes_on_where_it_was(ends: tuple[Store, Store]) -> None:
    source, target = ends
    room_id, *_ = await _fill(source)
    assert await _all(copy(source.transfer, target.transfer)) == ROOMS
    await _same(source, target)
    again = await target.append(room_id, 99, [said("else")], actor=BOB, at=1, command_id=command("c"))
    assert [record.seq for record in again] == [5]
    fence = await target.acquire("runs/x", "new", 60)
    assert fence is not None and fence.number == 4


async def test_what_was_interrupted_anywhere_is_taken_up_again(ends: tuple[Store, Store]) -> None:
    source, target = ends
    await _fill(source)
    copying = copy(source.transfer, target.transfer)
    await anext(copying)
    await copying.aclose()  # type: ignore[attr-defined]
    halfway = (await source.transfer.catalog())[2].room_id
    await target.transfer.put(TABLES[0], await source.transfer.page(TABLES[0], halfway, None, 3))
    told_ = [room async for room in copy(source.transfer, target.transfer)]
    assert [room.was_there for room in told_] == [room is told_[0] for room in told_]
    await _same(source, target)
    assert all([room.was_there async for room in copy(source.transfer, target.transfer)])


async def test_what_was_written_since_is_copied_the_next_time(ends: tuple[Store, Store]) -> None:
    source, target = ends
    room_id, *_ = await _fill(source)
    await _all(copy(source.transfer, target.transfer))
    await told(source, said("later"), room=room_id)
    await source.move("/home/a/2.ipynb", "/home/b/2.ipynb", 99)
    assert sum([not room.was_there async for room in copy(source.transfer, target.transfer)]) == 1
    await _same(source, target)


async def test_a_target_that_was_used_meanwhile_is_refused_and_left_alone(ends: tuple[Store, Store]) -> None:
    source, target = ends
    room_id, *_ = await _fill(source)
    await _all(copy(source.transfer, target.transfer))
    await told(source, said("here"), room=room_id)
    await told(target, said("there"), room=room_id)
    before = await target.read(room_id, 0)
    with pytest.raises(CopyRefused, match="that the source does not have"):
        await _all(copy(source.transfer, target.transfer))
    assert await target.read(room_id, 0) == before


async def test_another_room_for_the_same_notebook_is_refused(ends: tuple[Store, Store]) -> None:
    source, target = ends
    await _fill(source)
    other = await target.room_for("/home/a/0.ipynb", 1)
    with pytest.raises(CopyRefused, match="another room for"):
        await _all(copy(source.transfer, target.transfer))
    assert await target.find("/home/a/0.ipynb") == other


async def test_a_source_that_is_being_written_is_said(ends: tuple[Store, Store]) -> None:
    source, target = ends
    room_id, *_ = await _fill(source)
    with pytest.raises(CopyRefused, match="is being written"):
        async for _ in copy(source.transfer, target.transfer):
            await told(source, said("more"), room=room_id)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jupyter_copilot.cli.main", "store", *arguments, "--json"]


def _killed_after(lines: int, *arguments: str) -> None:
    """Run the command and kill it once it has told of so many rooms."""
    with subprocess.Popen(_command(*arguments), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for _ in range(lines):
            assert running.stdout.readline()
        running.kill()
        running.wait()


@pytest.mark.crash
async def test_a_copy_that_is_killed_again_and_again_ends_whole(
    tmp_path: Path, sqlite: SqliteEventLog, postgres_server: PostgresServer, open_postgres_log: OpenPostgres
) -> None:
    await _fill(sqlite)
    source, target = str(sqlite.path), postgres_server.url()
    for lines in range(ROOMS):
        _killed_after(lines, "copy", source, target)
    done = subprocess.run(_command("copy", source, target), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"rooms": ROOMS + 1, "copied": 1}
    await _same(sqlite, open_postgres_log())

    back = str(tmp_path / "back.sqlite3")
    subprocess.run(_command("copy", target, back), capture_output=True, check=True)
    there = SqliteEventLog(Path(back))
    await _same(sqlite, there)
    await there.close()
    for each in (target, back):
        done = subprocess.run(_command("verify", each), capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == {"faults": 0, "rooms": ROOMS + 1}


def test_faults_and_what_cannot_be_done_are_said_with_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "rooms.sqlite3"
    subprocess.run(_command("migrate", str(path)), capture_output=True, check=True)
    with sqlite3.connect(path) as changed:
        changed.execute("INSERT INTO heads VALUES ('room', 'log', 3, 0)")
    done = subprocess.run(_command("verify", str(path)), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the head is 3, but the last record is 0" in json.loads(done.stdout.splitlines()[0])["fault"]
    done = subprocess.run(_command("copy", str(path), "nowhere://x/y"), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["code"] == "store_unavailable"
