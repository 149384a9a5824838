"""Each wait is limited, nothing else is, and one timer does it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from jupyter_copilot.models.patience import Patience


@pytest.fixture
def patience(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Patience]:
    async def made() -> Patience:
        return Patience()

    with closing(jp_asyncio_loop.run_until_complete(made())) as patience:
        yield patience


def soon(seconds: float = 0.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_wait_that_takes_too_long_is_a_timeout(patience: Patience) -> None:
    with pytest.raises(TimeoutError), patience.until(soon()):
        await asyncio.Event().wait()
    await asyncio.sleep(0)  # and the task goes on as if it had never been cancelled


async def test_a_later_wait_may_be_shorter_than_the_one_that_set_the_timer(patience: Patience) -> None:
    with patience.until(soon(60)):
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError), patience.until(soon()):
        await asyncio.Event().wait()


async def test_a_wait_may_last_longer_than_the_one_that_set_the_timer(patience: Patience) -> None:
    with patience.until(soon()):
        pass
    with patience.until(soon(60)):
        await asyncio.sleep(0.01)  # the first one's date passes


async def test_what_is_done_between_two_waits_is_not_limited(patience: Patience) -> None:
    with patience.until(soon()):
        pass
    await asyncio.sleep(0.01)
    with patience.until(soon(60)):
        await asyncio.sleep(0)


async def test_cancelling_whoever_waits_is_not_taken_for_a_timeout(patience: Patience) -> None:
    async def wait() -> None:
        with patience.until(soon(60)):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


if sys.version_info >= (3, 11):

    async def test_cancelling_in_the_same_turn_in_which_patience_ends_still_cancels(patience: Patience) -> None:
        async def wait() -> None:
            with patience.until(soon()):
                await asyncio.Event().wait()

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0, waiting.cancel)
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_an_error_of_the_wait_itself_comes_through(patience: Patience) -> None:
    with pytest.raises(KeyError), patience.until(soon()):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise KeyError("closing failed") from None


async def test_thousands_of_waits_take_one_timer(patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, timers = asyncio.get_running_loop(), 0
    call_at = loop.call_at

    def counted(*args: Any, **named: Any) -> asyncio.TimerHandle:
        nonlocal timers
        timers += 1
        return call_at(*args, **named)

    monkeypatch.setattr(loop, "call_at", counted)
    for _ in range(3000):
        with patience.until(soon(60)):
            await asyncio.sleep(0)
    assert timers == 1
