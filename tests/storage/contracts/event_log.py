"""What every event log promises; each implementation's test module runs these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.event_log import WRITES_KEPT, Head, StoredSnapshot, WriteId
from jupyter_copilot.ports.leases import Fence
from jupyter_copilot.ports.store import Store
from jupyter_copilot.protocol.errors import AppendConflict, LeaseLost, StoreUnavailable

from ...builders import ALICE, BOB
from ...patience import scaled
from ..samples import OTHER, ROOM, busy_room, command, committed, said, told


class AppendContract:
    async def test_a_new_room_has_a_log_of_its_own_and_keeps_it(self, log: Store) -> None:
        head = await log.open_room(ROOM)
        assert head == Head(log=head.log, seq=0, floor=0)
        assert await log.open_room(ROOM) == await log.head(ROOM) == head
        assert (await log.head(OTHER)).log != head.log

    async def test_records_come_back_as_they_were_appended(self, log: Store) -> None:
        recorded = [record.event for seed in range(3) for record in busy_room(seed).records]
        events = [event for event in recorded if not isinstance(event, p.UnknownEvent)]
        first = await log.append(ROOM, 0, events, actor=ALICE, at=5)
        (second,) = await log.append(
            ROOM, len(events), [said("Grüße 🎈\x00")], actor=BOB, at=6, command_id=command("c")
        )
        assert [record.seq for record in first] == list(range(1, len(events) + 1))
        assert [record.event for record in first] == events
        assert second == p.Record(
            seq=len(events) + 1, at=6, actor=BOB, event=said("Grüße 🎈\x00"), command_id=command("c")
        )
        assert await log.read(ROOM, 0, 10_000) == [*first, second]
        assert (await log.head(ROOM)).seq == second.seq

    async def test_an_event_of_a_later_version_is_kept(self, log: Store) -> None:
        later = p.UnknownEvent({"type": "moon_landed", "by": ["a", {"b": None}]})
        await log.append(ROOM, 0, [later], actor=ALICE, at=1)  # type: ignore[list-item]
        assert [record.event for record in await log.read(ROOM, 0)] == [later]

    async def test_rooms_do_not_mix(self, log: Store) -> None:
        await told(log, said("here"))
        await told(log, said("there"), said("there"), room=OTHER)
        assert [len(await log.read(room, 0)) for room in (ROOM, OTHER)] == [1, 2]

    async def test_records_are_read_page_by_page(self, log: Store) -> None:
        records = await told(log, *(said(str(n)) for n in range(7)))
        assert await log.read(ROOM, 0, 3) == records[:3]
        assert await log.read(ROOM, 3, 3) == records[3:6]
        assert await log.read(ROOM, 6, 3) == records[6:]
        assert await log.read(ROOM, 7) == []

    @pytest.mark.parametrize("expected", [0, 1, 3])
    async def test_an_append_after_another_head_writes_nothing(self, log: Store, expected: int) -> None:
        records = await told(log, said("a"), said("b"))
        with pytest.raises(AppendConflict) as conflict:
            await log.append(ROOM, expected, [said("c")], actor=ALICE, at=1, command_id=command("c"))
        assert (conflict.value.expected, conflict.value.head) == (expected, 2)
        assert await log.read(ROOM, 0) == records
        assert await committed(log, ROOM, command("c")) is None

    async def test_of_many_appends_after_one_head_one_succeeds(self, log: Store) -> None:
        await log.open_room(ROOM)
        attempts = [log.append(ROOM, 0, [said(str(n))], actor=ALICE, at=n) for n in range(20)]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        winners = [result for result in results if isinstance(result, list)]
        assert len(winners) == 1
        assert [r.head for r in results if isinstance(r, AppendConflict)] == [1] * 19
        assert await log.read(ROOM, 0) == winners[0]

    async def test_a_repeated_command_returns_its_records_and_writes_nothing(self, log: Store) -> None:
        once = await log.append(ROOM, 0, [said("a"), said("b")], actor=ALICE, at=1, command_id=command("c"))
        await told(log, said("later"))
        for head in (0, 3, 99):
            again = await log.append(ROOM, head, [said("else")], actor=BOB, at=9, command_id=command("c"))
            assert again == once
        assert (await log.head(ROOM)).seq == 3
        assert await committed(log, ROOM, command("c")) == 2

    async def test_a_write_that_is_tried_again_is_there_once(self, log: Store) -> None:
        once = await log.append(ROOM, 0, [said("a"), said("b")], actor=ALICE, at=1, write_id=WriteId("w"))
        await told(log, said("later"))
        for head in (0, 3, 99):
            assert await log.append(ROOM, head, [said("a")], actor=ALICE, at=9, write_id=WriteId("w")) == once
        assert await log.written(ROOM, WriteId("w")) == once
        assert (await log.head(ROOM)).seq == 3

    async def test_a_write_is_known_in_its_own_room_and_once_it_took_effect(self, log: Store) -> None:
        await told(log, said("a"))
        with pytest.raises(AppendConflict):
            await log.append(ROOM, 0, [said("b")], actor=ALICE, at=1, write_id=WriteId("w"))
        assert await log.written(ROOM, WriteId("w")) is None
        await log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, write_id=WriteId("w"))
        assert await log.written(OTHER, WriteId("w")) is None

    async def test_a_write_is_known_though_its_fence_was_taken_over(self, log: Store) -> None:
        old = await log.acquire("run:1", "first", 60)
        assert old is not None
        once = await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, write_id=WriteId("w"), fence=old)
        await log.release(old, "first")
        await log.acquire("run:1", "second", 60)
        assert await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, write_id=WriteId("w"), fence=old) == once

    async def test_only_the_latest_writes_are_kept(self, log: Store) -> None:
        await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, write_id=WriteId("old"))
        many = [said("x")] * WRITES_KEPT
        await log.append(ROOM, 1, many[1:], actor=ALICE, at=1, write_id=WriteId("w"))
        assert await log.written(ROOM, WriteId("old")) is not None
        await log.append(ROOM, WRITES_KEPT, [said("b")], actor=ALICE, at=1, write_id=WriteId("new"))
        assert await log.written(ROOM, WriteId("old")) is None
        assert await log.written(ROOM, WriteId("w")) is not None

    async def test_a_command_is_known_in_its_own_room_only(self, log: Store) -> None:
        await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, command_id=command("c"))
        assert await committed(log, OTHER, command("c")) is None
        await log.append(OTHER, 0, [said("b")], actor=ALICE, at=1, command_id=command("c"))
        assert [record.event for record in await log.read(OTHER, 0)] == [said("b")]

    async def test_a_command_without_events_is_remembered_at_the_head(self, log: Store) -> None:
        await told(log, said("a"))
        assert await log.append(ROOM, 1, [], actor=ALICE, at=1, command_id=command("c")) == []
        await told(log, said("b"))
        assert await log.append(ROOM, 0, [said("x")], actor=ALICE, at=1, command_id=command("c")) == []
        assert await committed(log, ROOM, command("c")) == 1
        assert (await log.head(ROOM)).seq == 2

    async def test_a_taken_over_fence_writes_nothing(self, log: Store) -> None:
        old = await log.acquire("run:1", "first", 60)
        assert old is not None
        await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, command_id=command("c"), fence=old)
        await log.release(old, "first")
        new = await log.acquire("run:1", "second", 60)
        with pytest.raises(LeaseLost):
            await log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, command_id=command("d"), fence=old)
        assert await committed(log, ROOM, command("d")) is None
        again = await log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, command_id=command("c"), fence=old)
        assert [record.seq for record in again] == [1]
        assert len(await log.append(ROOM, 1, [said("b")], actor=ALICE, at=1, fence=new)) == 1

    async def test_a_fence_that_was_never_given_writes_nothing(self, log: Store) -> None:
        with pytest.raises(LeaseLost):
            await log.append(ROOM, 0, [said("a")], actor=ALICE, at=1, fence=Fence("run:1", 7))

    async def test_after_close_everything_says_that_the_store_is_closed(self, log: Store) -> None:
        await told(log, said("a"))
        await log.close()
        await log.close()
        with pytest.raises(StoreUnavailable):
            await log.append(ROOM, 1, [said("b")], actor=ALICE, at=1)
        for call in (log.head(ROOM), log.read(ROOM, 0), log.rooms(), log.acquire("l", "me", 1), log.verify()):
            with pytest.raises(StoreUnavailable):
                await call


class SnapshotContract:
    async def test_the_latest_snapshot_of_a_version_is_kept(self, log: Store) -> None:
        assert await log.load_snapshot(ROOM, 1) is None
        await told(log, *(said(str(n)) for n in range(9)))
        for seq in (3, 8, 5, 8):
            await log.save_snapshot(ROOM, StoredSnapshot(seq=seq, version=1, state=b"{%d}" % seq))
        assert await log.load_snapshot(ROOM, 1) == StoredSnapshot(seq=8, version=1, state=b"{8}")
        assert await log.load_snapshot(OTHER, 1) is None

    async def test_versions_do_not_mix(self, log: Store) -> None:
        await told(log, said("a"), said("b"))
        await log.save_snapshot(ROOM, StoredSnapshot(seq=2, version=1, state=b"old"))
        await log.save_snapshot(ROOM, StoredSnapshot(seq=1, version=2, state=b"new"))
        assert await log.load_snapshot(ROOM, 1) == StoredSnapshot(seq=2, version=1, state=b"old")
        assert await log.load_snapshot(ROOM, 2) == StoredSnapshot(seq=1, version=2, state=b"new")
        assert await log.load_snapshot(ROOM, 3) is None


class WatchContract:
    async def test_a_watcher_is_told_of_an_append_at_once(self, log: Store) -> None:
        watching = log.watch(ROOM)
        coming = asyncio.ensure_future(anext(watching))
        await asyncio.sleep(0)
        await told(log, said("a"))
        assert await asyncio.wait_for(coming, scaled(5)) == 1
        await told(log, said("b"), said("c"))
        assert await until(watching, 3) == 3
        await watching.aclose()  # type: ignore[attr-defined]

    async def test_a_watcher_who_comes_late_is_told_where_the_head_is(self, log: Store) -> None:
        await told(log, said("a"), said("b"))
        watching = log.watch(ROOM)
        assert await asyncio.wait_for(anext(watching), scaled(5)) == 2
        await watching.aclose()  # type: ignore[attr-defined]

    async def test_each_watcher_hears_of_its_own_room(self, log: Store) -> None:
        watches = [log.watch(room) for room in (ROOM, ROOM, OTHER)]
        coming = [asyncio.ensure_future(anext(watching)) for watching in watches]
        await told(log, said("a"))
        assert await asyncio.wait_for(asyncio.gather(*coming[:2]), scaled(5)) == [1, 1]
        assert not coming[2].done()
        await told(log, said("a"), said("b"), room=OTHER)
        assert await until(watches[2], 2, await coming[2]) == 2
        for watching in watches:
            await watching.aclose()  # type: ignore[attr-defined]

    async def test_watching_ends_with_the_log(self, log: Store) -> None:
        await told(log, said("a"))
        seen: list[int] = []

        async def follow() -> None:
            async for seq in log.watch(ROOM):
                seen.append(seq)

        following = asyncio.ensure_future(follow())
        while not seen:
            await asyncio.sleep(0)
        await log.close()
        await asyncio.wait_for(following, scaled(5))
        assert seen == [1]


async def until(watching: AsyncIterator[int], seq: int, seen: int = 0) -> int:
    """The first head at or above `seq`; each one told is higher than the one before."""
    while seen < seq:
        told_now = await asyncio.wait_for(anext(watching), scaled(5))
        assert told_now > seen
        seen = told_now
    return seen
