"""Clients come back soon after their server does, and not all in the same moment."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import pytest

from jupyter_copilot.client import Client, Waiting
from jupyter_copilot.client.connection import Socket
from jupyter_copilot.client.pauses import pause_after
from jupyter_copilot.testing import ManualClock

CROWD = 500


def back_after(outage_s: float, chance: Callable[[], float]) -> float:
    """Seconds from the server's return to the attempt that finds it."""
    at, failures = 0.0, 0
    while at < outage_s:
        failures += 1
        at += pause_after(failures, chance())
    return at - outage_s


def test_pauses_grow_by_a_quarter_from_three_tenths_of_a_second_to_ten_seconds() -> None:
    longest = [round(1000 * pause_after(failures, 1.0)) for failures in (1, 2, 3, 4, 10, 16, 17, 50, 10_000)]
    assert longest == [300, 375, 469, 586, 2235, 8527, 10_000, 10_000, 10_000]


def test_chance_shortens_a_pause_to_a_third_at_most() -> None:
    assert [round(pause_after(1, chance), 3) for chance in (0, 0.25, 0.5)] == [0.1, 0.15, 0.2]
    assert round(pause_after(50, 0), 2) == 3.33


@pytest.mark.parametrize("outage_s", [0.05, 0.5, 1.5, 3.0])
def test_after_an_outage_of_seconds_everybody_is_back_within_two(outage_s: float) -> None:
    chance = random.Random(20261122).random
    assert max(back_after(outage_s, chance) for _ in range(CROWD)) < min(2.0, 0.3 + 0.6 * outage_s)


@pytest.mark.parametrize(("outage_s", "at_once"), [(0.05, 0.55), (0.5, 0.3), (1.5, 0.2), (3.0, 0.16), (60.0, 0.03)])
def test_a_crowd_that_was_cut_off_at_once_comes_back_spread(outage_s: float, at_once: float) -> None:
    chance = random.Random(20261122).random
    tenths = Counter(int(10 * back_after(outage_s, chance)) for _ in range(CROWD))
    assert max(tenths.values()) <= at_once * CROWD


async def test_the_client_keeps_these_pauses() -> None:
    clock, tries = ManualClock(), 0

    async def opened() -> Socket:
        nonlocal tries
        tries += 1
        raise OSError("Nobody is there.")

    async with Client(opened, clock, jitter=lambda: 1.0) as client:
        for failures in (1, 2, 3):
            while not clock.sleeping():
                await asyncio.sleep(0)
            assert tries == failures and isinstance(client.connection, Waiting)
            assert clock.sleeping() == [round(pause_after(failures, 1.0), 3)]
            clock.advance(clock.sleeping()[0])
