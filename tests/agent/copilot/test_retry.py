"""How long to wait after a failure, and when to give up."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.retry import after_failure
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.protocol.errors import ModelError

SETTINGS = RunSettings(backoff_s=1, max_backoff_s=8, max_retry_after_s=60, max_attempts=6)


def failure(retry_after_s: float | None = None, *, retryable: bool = True) -> ModelError:
    return ModelError("No.", code="x", hint="Do this.", retryable=retryable, retry_after_s=retry_after_s)


@pytest.mark.parametrize(("failed", "wait_s"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 8)])
def test_the_wait_doubles_up_to_a_cap(failed: int, wait_s: float) -> None:
    assert after_failure(failure(), failed, SETTINGS, jitter=0) == wait_s
    assert after_failure(failure(), failed, SETTINGS, jitter=1) == wait_s / 2


def test_the_servers_wish_counts_when_it_is_longer() -> None:
    assert after_failure(failure(30), 1, SETTINGS, jitter=0) == 30
    assert after_failure(failure(0.1), 3, SETTINGS, jitter=0) == 4


@pytest.mark.parametrize(
    ("error", "failed", "hint"),
    [
        (failure(retryable=False), 1, "Do this."),
        (failure(61), 1, "It asks to wait 61 seconds. Try again then, or choose another model."),
        (failure(1800), 1, "It asks to wait 30 minutes. Try again then, or choose another model."),
        (failure(), 6, "It failed 6 times in a row. Do this."),
    ],
)
def test_a_run_that_gives_up_says_what_to_do(error: ModelError, failed: int, hint: str) -> None:
    assert after_failure(error, failed, SETTINGS, jitter=0) == p.Problem(code="x", message="No.", hint=hint)
