"""Pictures in a SQLite store: once each, checked, and their disk given back."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from jupyter_copilot import protocol as p
from jupyter_copilot.core.pictures import Picture
from jupyter_copilot.storage.sqlite.log import SqliteEventLog

from ..builders import ALICE

ROOM = p.RoomId("room")
MB = 1 << 20


def picture(number: int) -> Picture:
    data = number.to_bytes(4, "big") + os.urandom(MB)
    return Picture(digest=hashlib.sha256(data).hexdigest(), mime="image/png", data=data)


async def say(log: SqliteEventLog, seq: int, *pictures: Picture) -> None:
    event = p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="x")
    await log.append(ROOM, seq, [event], actor=ALICE, at=seq, command_id=p.CommandId(f"c{seq}"), pictures=pictures)


async def test_the_disk_is_given_back_when_old_pictures_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "rooms.sqlite3"
    log = SqliteEventLog(path)
    pictures = [picture(number) for number in range(40)]
    for seq, one in enumerate(pictures):
        await say(log, seq, one)
    await say(log, 40, pictures[0])
    full = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert await log.drop_pictures(ROOM, 3 * MB + 100) == 37
    assert await log.picture(ROOM, pictures[0].digest) == pictures[0], "it was named again"
    assert await log.picture(ROOM, pictures[1].digest) is None
    assert await log.verify() == []
    await log.close()
    assert full > 40 * MB
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 5 * MB


async def test_a_picture_is_written_with_its_record_or_not_at_all(tmp_path: Path) -> None:
    log = SqliteEventLog(tmp_path / "rooms.sqlite3")
    first, second = picture(1), picture(2)
    await say(log, 0, first)
    await say(log, 0, second)  # the same command again
    assert await log.picture(ROOM, first.digest) is not None
    assert await log.picture(ROOM, second.digest) is None
    await log.close()
