"""What every catalog promises."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.ports.catalog import RoomEntry
from jupyter_copilot.ports.store import Store

from ..samples import said, told

NAMES = [
    "/home/a/Analysis.ipynb",
    "/home/a/100%_sure?.ipynb",
    "/home/a/with space & #hash.ipynb",
    "/home/a/Größe 🎈.ipynb",
    "/home/a/[x]*.ipynb",
    "/home/a/it's.ipynb",
]


class CatalogContract:
    @pytest.mark.parametrize("path", NAMES)
    async def test_a_notebook_keeps_its_room(self, log: Store, path: str) -> None:
        assert await log.find(path) is None
        room_id = await log.room_for(path, 1)
        assert await log.room_for(path, 2) == await log.find(path) == room_id
        assert await log.path_of(room_id) == path

    async def test_a_notebook_opened_twice_at_once_has_one_room(self, log: Store) -> None:
        found = await asyncio.gather(*(log.room_for("/a.ipynb", n) for n in range(20)))
        assert len(set(found)) == 1

    async def test_case_matters(self, log: Store) -> None:
        assert await log.room_for("/a.ipynb", 1) != await log.room_for("/A.ipynb", 1)
        assert await log.find("/A.IPYNB") is None

    async def test_an_unknown_room_has_no_path(self, log: Store) -> None:
        assert await log.path_of(p.RoomId("nobody")) is None

    @pytest.mark.parametrize("path", NAMES)
    async def test_a_renamed_notebook_takes_its_room_along(self, log: Store, path: str) -> None:
        room_id = await log.room_for(path, 1)
        assert await log.move(path, "/new.ipynb", 2) == [room_id]
        assert await log.path_of(room_id) == "/new.ipynb"
        assert await log.find(path) is None
        assert await log.room_for(path, 3) != room_id

    async def test_moving_what_has_no_room_moves_nothing(self, log: Store) -> None:
        room_id = await log.room_for("/b.ipynb", 1)
        assert await log.move("/a.ipynb", "/b.ipynb", 2) == []
        assert await log.find("/b.ipynb") == room_id

    async def test_moving_to_the_same_place_changes_nothing(self, log: Store) -> None:
        room_id = await log.room_for("/a.ipynb", 1)
        assert await log.move("/a.ipynb", "/a.ipynb", 2) == []
        assert await log.path_of(room_id) == "/a.ipynb"

    async def test_a_moved_folder_takes_along_what_is_in_it_and_nothing_else(self, log: Store) -> None:
        inside = [await log.room_for(path, 1) for path in ("/a/b/1.ipynb", "/a/b/c/2.ipynb", "/a/b/%.ipynb")]
        beside = ["/a/bc/1.ipynb", "/a/b.ipynb", "/a/B/1.ipynb", "/a/b0", "/x/a/b/1.ipynb", "/a/b-1/x.ipynb"]
        others = [await log.room_for(path, 1) for path in beside]
        assert await log.move("/a/b", "/z_%", 2) == inside
        paths = [await log.path_of(room_id) for room_id in inside]
        assert paths == ["/z_%/1.ipynb", "/z_%/c/2.ipynb", "/z_%/%.ipynb"]
        assert [await log.path_of(room_id) for room_id in others] == beside

    @pytest.mark.parametrize("folder", ["/a_b", "/a%", "/%", "/_", "/a*"])
    async def test_wildcards_in_a_folder_name_are_plain_characters(self, log: Store, folder: str) -> None:
        inside = await log.room_for(f"{folder}/1.ipynb", 1)
        await log.room_for("/axb/1.ipynb", 1)
        assert await log.archive(folder, 2) == [inside]

    async def test_a_room_in_the_way_is_archived(self, log: Store) -> None:
        coming = await log.room_for("/a.ipynb", 1)
        there = await log.room_for("/b.ipynb", 1)
        assert await log.move("/a.ipynb", "/b.ipynb", 7) == [coming]
        assert await log.path_of(there) is None
        assert await log.find("/b.ipynb") == coming
        (archived,) = [room for room in await log.rooms() if room.archived_at is not None]
        assert (archived.room_id, archived.archived_at) == (there, 7)

    async def test_a_folder_moved_over_its_own_notebooks_loses_none(self, log: Store) -> None:
        ids = [await log.room_for(path, 1) for path in ("/a/1.ipynb", "/a/b/1.ipynb", "/a/b/b/1.ipynb")]
        assert await log.move("/a/b", "/a", 2) == ids[1:]
        assert [await log.path_of(room_id) for room_id in ids] == [None, "/a/1.ipynb", "/a/b/1.ipynb"]
        assert await log.move("/a", "/a/b", 3) == ids[1:]
        assert [await log.path_of(room_id) for room_id in ids[1:]] == ["/a/b/1.ipynb", "/a/b/b/1.ipynb"]

    async def test_a_deleted_notebook_leaves_an_archived_room_with_its_records(self, log: Store) -> None:
        room_id = await log.room_for("/d/a.ipynb", 1)
        records = await told(log, said("a"), room=room_id)
        assert await log.archive("/d", 5) == [room_id]
        assert await log.archive("/d", 6) == []
        assert await log.find("/d/a.ipynb") is None and await log.path_of(room_id) is None
        assert await log.read(room_id, 0) == records
        assert await log.room_for("/d/a.ipynb", 7) != room_id

    async def test_every_room_is_listed_newest_last(self, log: Store) -> None:
        first = await log.room_for("/b.ipynb", 1)
        second = await log.room_for("/a.ipynb", 2)
        await told(log, said("a"), said("b"), room=first)
        await log.archive("/a.ipynb", 3)
        assert await log.rooms() == [
            RoomEntry(first, "/b.ipynb", created_at=1, archived_at=None, seq=2, updated_at=1001),
            RoomEntry(second, "/a.ipynb", created_at=2, archived_at=3, seq=0),
        ]
