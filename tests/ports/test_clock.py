"""The system's clock goes on as time passes, whatever the machine's wall clock does."""

from __future__ import annotations

import random

import pytest

from jupyter_copilot.ports.clock import SLEW, SystemClock

START = 1_700_000_000_000


class Machine:
    """A machine's two clocks: one that only goes on, and one that anybody may set."""

    def __init__(self) -> None:
        self.steady = 5_000
        self.wall = START
        self.clock = SystemClock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> int:
        """Let time pass, looking each second; returns what the clock shows."""
        for _ in range(round(seconds)):
            self.steady += 1000
            self.wall += 1000
            self.clock.now()
        return self.clock.now()


def test_it_shows_the_wall_time() -> None:
    machine = Machine()
    assert machine.clock.now() == START
    assert machine.passes(90) == START + 90_000


@pytest.mark.parametrize("step_s", [600, -600])
def test_a_step_of_ten_minutes_does_not_change_how_long_a_minute_is(step_s: int) -> None:
    machine = Machine()
    before = machine.clock.now()
    machine.wall += step_s * 1000
    assert machine.clock.now() == before, "nothing passed"
    took = machine.passes(60) - before
    assert took == pytest.approx(60_000, rel=SLEW + 0.01)


@pytest.mark.parametrize("step_s", [600, -600])
def test_a_step_is_made_up_for(step_s: int) -> None:
    machine = Machine()
    machine.wall += step_s * 1000
    machine.passes(600 / SLEW + 60)
    assert machine.clock.now() == machine.wall


def test_it_never_goes_back() -> None:
    rng = random.Random(8)
    machine = Machine()
    shown = machine.clock.now()
    for _ in range(2_000):
        machine.wall += rng.choice([-600_000, 600_000, 0, 0, 0])
        now = machine.passes(rng.randrange(3))
        assert now >= shown
        shown = now


def test_a_machine_that_was_stopped_for_hours_shows_the_right_time_at_once() -> None:
    machine = Machine()
    machine.wall += 8 * 3_600_000
    assert machine.clock.now() == machine.wall


def test_the_clocks_of_this_machine_are_read() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first > START and clock.now() >= first
