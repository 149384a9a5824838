"""A checklist is read however a model writes one."""

from __future__ import annotations

import pytest

from jupyter_copilot.testing import FakeNotebook

from ...bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeNotebook())


@pytest.mark.parametrize(
    ("line", "text", "status"),
    [
        ("[ ] Load", "Load", "pending"),
        ("- [x] Load the file", "Load the file", "completed"),
        ("* [X] Load", "Load", "completed"),
        ("  - [-] Load", "Load", "in_progress"),
        ("2. [~] Load", "Load", "in_progress"),
        ("3) Load [x] later", "Load [x] later", "pending"),
        ("- []  Load ", "Load", "pending"),
        ("Load", "Load", "pending"),
        ("[?] Load", "Load", "pending"),
        ("[x] " + "y" * 300, "y" * 200, "completed"),
    ],
)
async def test_a_line_is_an_item(bench: Bench, line: str, text: str, status: str) -> None:
    await bench.call("set_plan", checklist=f"\n{line}\n\n[ ] Then\n")
    assert [(each.content, each.status) for each in bench.plans[0]] == [(text, status), ("Then", "pending")]


@pytest.mark.parametrize("checklist", ["\n \n", "- a\n" * 31])
async def test_a_list_that_nobody_reads_is_refused(bench: Bench, checklist: str) -> None:
    assert "A checklist has 1 to 30 lines." in str(await bench.refusal("set_plan", checklist=checklist))
