"""What may fetch something once it is drawn is told from what provably does not; in doubt it may."""

from __future__ import annotations

import random
import time

import pytest

from jupyter_copilot.core.fetching import fetched, fetched_by_call
from jupyter_copilot.protocol import CellDiff, Preview

from ..hostile import CELLS, Drawn

BEGINNINGS = ["![", "<img src=", "<svg><image href=", "[a]: ", "<style>@import ", "$\\style{background:url(", "see "]
ADDRESSES = ["http://h.example/x", "//h.example/x", "HTTPS://h.example", "ht&#116;p://h.example", "www.h.example"]
DISGUISES = [
    "> ",
    "- ",
    "1. ",
    "    ",
    "**",
    "`",
    "&nbsp;",
    "\\",
    "\n",
    "$",
    "$$",
    "| ",
    "```\n",
    "&lt;",
    "<!-- -->",
    "é",
    "\u200b",
]


@pytest.mark.parametrize("drawn", CELLS, ids=lambda drawn: drawn.name)
def test_a_cell_fetches_from_these_hosts_or_provably_from_none(drawn: Drawn) -> None:
    found = fetched(drawn.cell_type, drawn.source)
    assert (None if found is None else found.hosts) == drawn.hosts


def test_whatever_stands_around_what_fetches_does_not_hide_it() -> None:
    rng = random.Random(3)
    for _ in range(3000):
        around = ["".join(rng.choices(DISGUISES, k=rng.randint(0, 4))) for _ in range(2)]
        source = around[0] + rng.choice(BEGINNINGS) + rng.choice(ADDRESSES) + around[1]
        assert fetched("markdown", source) is not None, source
        assert fetched("raw", source) is not None, source


def test_the_hosts_of_all_cells_that_a_call_writes_are_named_once() -> None:
    cells = [
        CellDiff(action="insert", cell_id="a", cell_type="markdown", after="![](//a.example) ![](//b.example)"),
        CellDiff(action="insert", cell_id="b", cell_type="code", after="![](//code.example)"),
        CellDiff(
            action="edit", cell_id="c", cell_type="raw", before="![](//old.example)", after="<img src=//b.example>"
        ),
        CellDiff(action="delete", cell_id="d", cell_type="markdown", before="![](//gone.example)"),
        CellDiff(action="move", cell_id="e", cell_type="markdown", before="![](//moved)", after="![](//moved)"),
    ]
    found = fetched_by_call(Preview(title="Edit", cells=cells), {})
    assert found is not None and found.hosts == ["a.example", "b.example"]


def test_a_tool_that_shows_no_cells_is_judged_by_every_text_that_it_is_given() -> None:
    shown = Preview(title="Write a page")
    assert fetched_by_call(shown, {"name": "page", "lines": [{"text": "plain"}], "count": 3}) is None
    found = fetched_by_call(shown, {"name": "page", "lines": [{"text": "![](//h.example)"}]})
    assert found is not None and found.hosts == ["h.example"]


def test_people_are_told_the_hosts_or_that_they_could_not_be_made_out() -> None:
    named, unnamed = fetched("markdown", "![](//h.example/x)"), fetched("markdown", "![](/logout)")
    assert named is not None and "fetch from `h.example`, at once" in named.warning
    assert unnamed is not None and "could not be made out" in unnamed.warning


@pytest.mark.parametrize("tail", ["", "<b"])
@pytest.mark.parametrize(
    "piece",
    [
        "[", "\\a", "```\n", "a:", "'\n", "/\\", "\n", "- \n", " \n", "a.", "/", "//", "\\", "\n\n---\na", "&#", "&#1;",
        "{", "] ", "a", "<", "&amp;", "```a ", "www.", "https:", "`{", "'\"",
    ],
)  # fmt: skip
def test_a_long_text_is_judged_at_once(piece: str, tail: str) -> None:
    began = time.process_time()
    fetched("markdown", piece * (100_000 // len(piece)) + tail)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text", ["&#" + "1" * 5_000, "&#x" + "f" * 5_000 + ";", "&#" + "0" * 5_000 + "60;img src=//h.example>"]
)
def test_a_number_of_thousands_of_digits_is_judged_too(text: str) -> None:
    found = fetched("markdown", text)
    assert ("h.example" in text) == (found is not None and found.hosts == ["h.example"])
