"""Background tasks: what fails is said and goes on, and the end of the owner is the end of them."""

from __future__ import annotations

import asyncio
import logging

import pytest

from jupyter_copilot.protocol.errors import StoreUnavailable
from jupyter_copilot.room.supervisor import FIRST_PAUSE_S, LONGEST_PAUSE_S, Supervisor
from jupyter_copilot.testing.clock import ManualClock


class Work:
    """Work that raises what it is given, one error each time, and then waits for ever or returns."""

    def __init__(self, *errors: Exception, returns: bool = False) -> None:
        self.errors = list(errors)
        self.begun = 0
        self.returns = returns

    async def __call__(self) -> None:
        self.begun += 1
        if self.errors:
            raise self.errors.pop(0)
        if not self.returns:
            await asyncio.Event().wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_kept_begins_again_after_a_failure_and_later_each_time(caplog: pytest.LogCaptureFixture) -> None:
    clock, work = ManualClock(), Work(StoreUnavailable("The disk is full."), KeyError("a bug"))
    supervisor = Supervisor("room n.ipynb", clock)
    supervisor.keep("following", work)
    await settle()
    assert clock.sleeping() == [FIRST_PAUSE_S]
    clock.advance(FIRST_PAUSE_S)
    await settle()
    assert clock.sleeping() == [2 * FIRST_PAUSE_S]
    clock.advance(2 * FIRST_PAUSE_S)
    await settle()
    assert work.begun == 3
    said = [(record.levelno, record.getMessage()) for record in caplog.records if "following" in record.getMessage()]
    assert [level for level, _ in said] == [logging.WARNING, logging.ERROR]
    assert "room n.ipynb: The disk is full." in said[0][1] and "a bug" in caplog.text
    await supervisor.close()


async def test_the_pause_has_an_end_and_begins_anew_after_a_good_while() -> None:
    clock, work = ManualClock(), Work(*[StoreUnavailable("locked") for _ in range(12)])
    supervisor = Supervisor("room", clock)
    supervisor.keep("following", work)
    pauses = []
    for _ in range(12):
        await settle()
        (pause,) = clock.sleeping()
        pauses.append(pause)
        clock.advance(pause)
    assert pauses[-1] == LONGEST_PAUSE_S
    await settle()
    await supervisor.close()


async def test_what_returned_is_over_and_what_fails_once_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    clock, done, failed = ManualClock(), Work(returns=True), Work(StoreUnavailable("locked"))
    supervisor = Supervisor("room", clock)
    supervisor.keep("saving", done)
    supervisor.once("showing", failed)
    await settle()
    clock.advance(3600)
    await settle()
    assert (done.begun, failed.begun) == (1, 1)
    assert [record.getMessage() for record in caplog.records if "showing" in record.getMessage()] == [
        "jupyter-collaborative-copilot: showing of room: locked"
    ]


async def test_a_failure_after_the_end_is_nobodys_news(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(StoreUnavailable("closed"))
    supervisor = Supervisor("room", ManualClock(), lambda: work.begun > 0)
    supervisor.keep("following", work)
    await settle()
    assert work.begun == 1 and not [r for r in caplog.records if "following" in r.getMessage()]


async def test_closing_ends_what_runs_and_begins_nothing_more() -> None:
    work, late = Work(), Work()
    supervisor = Supervisor("room", ManualClock())
    supervisor.keep("following", work)
    await settle()
    (task,) = (each for each in asyncio.all_tasks() if each.get_name() == "following of room")
    await supervisor.close()
    assert task.cancelled()
    supervisor.once("unloading", late)
    await settle()
    assert late.begun == 0


async def test_one_task_can_be_cancelled() -> None:
    work = Work()
    supervisor = Supervisor("room", ManualClock())
    cancel = supervisor.keep("expiry", work)
    await settle()
    cancel()
    await settle()
    assert not supervisor._tasks
