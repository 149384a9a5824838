"""Records are dated by the database's clock, whatever the machines' own clocks show."""

from __future__ import annotations

import logging
import time

import pytest

from jupyter_copilot.storage.postgres.clock import DatabaseClock
from jupyter_copilot.storage.postgres.log import PostgresEventLog
from jupyter_copilot.testing.clock import ManualClock

from ..patience import scaled
from .conftest import OpenPostgres
from .postgres_server import PostgresServer
from .samples import ROOM, said, told

MINUTE_MS = 60_000


class _Wrong:
    """A machine's clock that is wrong by some time."""

    def __init__(self, by_ms: int) -> None:
        self.by_ms = by_ms

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self.by_ms

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("by_ms", [MINUTE_MS, -MINUTE_MS])
async def test_a_machine_whose_clock_is_a_minute_wrong_goes_by_the_database_and_is_told(
    open_postgres_log: OpenPostgres, caplog: pytest.LogCaptureFixture, by_ms: int
) -> None:
    log = open_postgres_log(clock=_Wrong(by_ms))
    with caplog.at_level(logging.WARNING):
        await told(log, said("a"))
    assert abs(log.clock.now() - time.time_ns() // 1_000_000) < scaled(5) * 1000
    assert "Set it right" in caplog.text and ("ahead of" in caplog.text) == (by_ms > 0)


async def test_two_machines_with_different_clocks_agree_who_holds_a_lease(postgres_server: PostgresServer) -> None:
    ahead = PostgresEventLog(postgres_server.url(), clock=_Wrong(MINUTE_MS))
    behind = PostgresEventLog(postgres_server.url(), clock=_Wrong(-MINUTE_MS))
    fence = await behind.acquire(f"runs/{ROOM}", "behind", 30)
    assert fence is not None
    assert await ahead.acquire(f"runs/{ROOM}", "ahead", 30) is None
    await behind.release(fence, "behind")
    await ahead.close()
    await behind.close()


class TestBetweenTwoLooks:
    def _clock(self) -> tuple[ManualClock, DatabaseClock]:
        own = ManualClock(1_000_000)
        return own, DatabaseClock(own)

    def test_it_goes_on_with_the_machine_s(self) -> None:
        own, clock = self._clock()
        clock._saw(1_000_000, 2_000_000, 1_000_000)
        own.advance(3)
        assert clock.now() == pytest.approx(2_003_000, abs=1)

    def test_an_answer_that_agrees_with_it_changes_nothing(self) -> None:
        _, clock = self._clock()
        before = clock.now()
        clock._saw(999_900, 1_000_050, 1_000_100)
        assert clock.now() == before

    def test_it_never_goes_back(self) -> None:
        own, clock = self._clock()
        clock._saw(1_000_000, 1_000_900, 1_000_000)
        shown = clock.now()
        clock._saw(1_000_000, 1_000_000, 1_000_000)
        assert clock.now() == shown
        own.advance(2)
        assert clock.now() == pytest.approx(1_002_000, abs=1)
