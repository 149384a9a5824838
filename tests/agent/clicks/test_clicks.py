"""How often people are asked: ten jobs, each in six ways, as the table in docs/permissions.md has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .jobs import CLEAN, FROM_THE_TOP, JOBS, Job
from .ways import WAYS, Cost, Way, go

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
BEGIN, END = "<!-- clicks -->\n", "<!-- end of clicks -->"


async def costs(job: Job) -> dict[Way, Cost]:
    return {way: await go(job, way) for way in WAYS}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name.replace(" ", "-"))
async def test_nothing_passes_unseen_that_people_want_to_see(job: Job) -> None:
    grave = sum(act.is_grave for act in job.acts)
    for way, cost in (await costs(job)).items():
        lost = sum(act.is_grave and act.cell == job.acts[-1].cell for act in job.acts) if way == "locked" else 0
        assert cost.grave == grave - lost, (way, cost)
        assert (cost.refused > 0) == (way == "locked"), "a locked cell is refused, and nothing else"


@pytest.mark.parametrize("job", [CLEAN, FROM_THE_TOP], ids=["cell-by-cell", "from-the-top"])
async def test_a_job_of_eight_runs_takes_two_decisions_at_most(job: Job) -> None:
    found = await costs(job)
    assert found["each"].decisions == 8
    assert found["rule"].decisions <= 2 and found["plan"].decisions <= 2


async def test_the_page_has_the_table_as_it_is_today() -> None:
    rows = [(job, await costs(job)) for job in JOBS]
    lines = [f"| job | {' | '.join(WAYS.values())} |", f"| --- |{' ---: |' * len(WAYS)}"]
    for job, found in rows:
        lines.append(f"| {job.name} | {' | '.join(str(cost.decisions) for cost in found.values())} |")
    sums = [sum(found[way].decisions for _, found in rows) for way in WAYS]
    lines.append(f"| **all ten** | {' | '.join(f'**{each}**' for each in sums)} |")
    table = "\n".join(lines)
    print(f"\n{table}")
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert rest.partition(END)[0].strip() == table
