"""confirm_async() on a loop that has other things to do, with a connection that answers as scripted."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import Future
from typing import Any

import pytest

from jupyter_copilot import confirm_async
from jupyter_copilot.kernel import asked
from jupyter_copilot.protocol.errors import ConnectionLost, CopilotError, NotConfirmed, Rejected

EXPIRED = NotConfirmed("Nobody decided in time.", code="expired")
LOST = ConnectionLost("The connection is closed.")


class Connection:
    """Ends what it is given with these errors, in this order; with None, it does not end."""

    trouble = None

    def __init__(self, *errors: CopilotError | None) -> None:
        self.left = list(errors)

    def submit(self, work: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        error = self.left.pop(0)
        if error is not None:
            answer.set_exception(error)
        return answer


@pytest.mark.parametrize(
    ("error", "raised"),
    [(EXPIRED, NotConfirmed), (LOST, NotConfirmed), (Rejected("rate_limited", "Slower."), Rejected)],
)
async def test_a_question_that_nobody_decides_raises_and_leaves_nothing_for_asyncio_to_complain_of(
    monkeypatch: pytest.MonkeyPatch, error: CopilotError, raised: type[CopilotError]
) -> None:
    heard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: heard.append(context))
    monkeypatch.setattr(asked, "shared_connection", lambda: Connection(error))
    with pytest.raises(raised):
        await confirm_async("Go on?")
    error.__traceback__ = error.__context__ = None  # these hold what is to be collected
    gc.collect()
    assert heard == []


@pytest.mark.parametrize("withdrawing", [None, LOST])
async def test_cancelling_takes_the_question_back_and_does_not_hold_up_the_loop(
    monkeypatch: pytest.MonkeyPatch, withdrawing: CopilotError | None
) -> None:
    loop, connection = asyncio.get_running_loop(), Connection(None, withdrawing)
    monkeypatch.setattr(asked, "shared_connection", lambda: connection)
    asking = asyncio.create_task(confirm_async("Go on?"))
    await asyncio.wait([asking], timeout=0)
    asking.cancel()
    began = loop.time()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert connection.left == [], "the question was put, and withdrawn"
    assert loop.time() - began < asked.WITHDRAW_S / 2
