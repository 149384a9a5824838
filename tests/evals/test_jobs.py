"""Fourteen jobs, played from the requests alone: every one right, with few cards, few tokens and nothing told twice.

With `EVAL_MODEL` a live model does them (`make eval`), and the same table is printed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from .jobs import JOBS
from .live import live_model
from .play import Job, Played, Players, play

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LIVE = os.environ.get("EVAL_MODEL", "")
CARDS = 19
"""Of all jobs but the last two, which the trial did not count."""
SHARE_OF_REFERENCE = 0.55
MOST_REPEATS = 0.25


class Ledger:
    """What the jobs cost that were played so far."""

    def __init__(self) -> None:
        self.played: dict[str, Played | None] = {}

    def table(self) -> str:
        """One line for each job, and their sum."""
        lines = [
            "job                                   requests   first    last     sum  reference  cards  void  repeats"
        ]
        for job in JOBS:
            if job.name not in self.played:
                continue
            done = self.played[job.name]
            if done is None:
                lines.append(f"{job.name:36}  failed")
                continue
            lines.append(
                f"{job.name:36}  {done.requests:8} {done.first:7,} {done.last:7,} {done.total:7,} {job.reference:10,}  "
                f"{done.cards:5}  {done.void:4}  {done.repeats:6.0%}"
            )
        return "\n".join(lines)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    ledger = Ledger()
    yield ledger
    print(f"\n{ledger.table()}")


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name.replace(" ", "-"))
async def test_a_job_is_done_right_within_its_budget(job: Job, jp_serverapp: Any, ledger: Ledger) -> None:
    ledger.played[job.name] = None
    model = live_model(LIVE) if LIVE else Players(job.players, job.context_tokens)
    done = await play(job, jp_serverapp, model)
    ledger.played[job.name] = done
    if LIVE:
        return
    assert done.void == 0
    assert (done.cards, done.questions) == (job.cards, job.questions)
    assert done.requests <= job.requests
    assert done.repeats <= MOST_REPEATS
    if job.context_tokens < 128_000:
        assert done.last <= job.context_tokens * 3 / 4


@pytest.mark.skipif(bool(LIVE), reason="the budgets are those of the players")
def test_all_jobs_together_keep_to_the_budget(ledger: Ledger) -> None:
    if set(ledger.played) != {job.name for job in JOBS}:
        return  # some of them were not asked for
    counted = [(job, done) for job in JOBS if job.reference and (done := ledger.played[job.name]) is not None]
    assert len(counted) == 12
    assert sum(done.cards for _, done in counted) <= CARDS
    assert sum(done.total for _, done in counted) <= SHARE_OF_REFERENCE * sum(job.reference for job, _ in counted)
