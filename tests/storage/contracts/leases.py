"""What every store promises of leases."""

from __future__ import annotations

import subprocess
import sys

from jupyter_copilot.ports.leases import Fence
from jupyter_copilot.ports.store import Store
from jupyter_copilot.storage.owner import process_owner

from ..conftest import StoppedClock


class LeaseContract:
    async def test_one_owner_holds_a_lease_until_its_time_is_over(self, log: Store, clock: StoppedClock) -> None:
        assert await log.acquire("run:1", "a", 10) == Fence("run:1", 1)
        assert await log.acquire("run:1", "b", 10) is None
        assert await log.acquire("run:2", "b", 10) == Fence("run:2", 1)
        clock.time += 9_999
        assert await log.acquire("run:1", "b", 10) is None
        clock.time += 1
        assert await log.acquire("run:1", "b", 10) == Fence("run:1", 2)

    async def test_renewing_keeps_a_lease_and_losing_it_is_told(self, log: Store, clock: StoppedClock) -> None:
        fence = await log.acquire("run:1", "a", 10)
        assert fence is not None
        clock.time += 8_000
        assert await log.renew(fence, "a", 10)
        assert not await log.renew(fence, "b", 10)
        clock.time += 8_000
        assert await log.acquire("run:1", "b", 10) is None
        clock.time += 8_000
        assert await log.acquire("run:1", "b", 10) == Fence("run:1", 2)
        assert not await log.renew(fence, "a", 10)
        assert not await log.renew(Fence("run:3", 1), "a", 10)

    async def test_numbers_rise_even_when_the_lease_was_given_back(self, log: Store) -> None:
        for number in (1, 2, 3):
            fence = await log.acquire("run:1", "a", 10)
            assert fence == Fence("run:1", number)
            await log.release(fence, "a")
            assert not await log.renew(fence, "a", 10)

    async def test_an_owner_takes_its_own_lease_again_under_a_higher_number(self, log: Store) -> None:
        assert await log.acquire("run:1", "a", 10) == Fence("run:1", 1)
        assert await log.acquire("run:1", "a", 10) == Fence("run:1", 2)

    async def test_only_the_holder_gives_a_lease_back(self, log: Store) -> None:
        fence = await log.acquire("run:1", "a", 10)
        assert fence is not None
        await log.release(fence, "b")
        await log.release(Fence("run:1", 0), "a")
        assert await log.acquire("run:1", "c", 10) is None

    async def test_a_dead_process_loses_its_lease_at_once(self, log: Store) -> None:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        owner = process_owner(process.pid)
        try:
            assert await log.acquire("run:1", owner, 3600) == Fence("run:1", 1)
            assert await log.acquire("run:1", process_owner(), 3600) is None
        finally:
            process.kill()
            process.communicate()
        assert await log.acquire("run:1", process_owner(), 3600) == Fence("run:1", 2)
