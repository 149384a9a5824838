"""Texts that are hard to edit: line ends, pictures, what a model cannot tell apart."""

from __future__ import annotations

import re

import pytest

from ..bench import Bench, bench_of, markdown


@pytest.mark.parametrize("end", ["\r", "\r\n"])
async def test_what_is_written_has_line_feeds_so_that_no_line_hides_behind_another(bench: Bench, end: str) -> None:
    hidden = f"print('hello')  # a greeting{end}import os"
    shown = "print('hello')  # a greeting\nimport os"
    version = bench.version("load")
    for proposal in (
        await bench.propose("insert_and_run", after="load", source=hidden),
        await bench.propose("edit_and_run", cell_id="load", expected_version=version, source=hidden),
    ):
        assert [diff.after for diff in proposal.preview.cells] == [shown]
        assert [getattr(change, "source", None) for change in proposal.changes] == [shown]
    part = await bench.propose(
        "edit_cell", cell_id="load", expected_version=version, old_text="x = 1", new_text=f"x = 2{end}z = 3"
    )
    assert part.preview.cells[0].after == "df = load()\nx = 2\nz = 3\ny = 1"


async def test_a_part_is_found_and_replaced_whatever_the_line_ends_of_the_cell_are(bench: Bench) -> None:
    bench.notebook.set_source("load", "a = 1\r\nb = 2\r\nprint(a + b)")
    await bench.call(
        "edit_cell",
        cell_id="load",
        expected_version=bench.version("load"),
        old_text="a = 1\nb = 2",
        new_text="a = 10\nb = 20",
    )
    assert bench.cell("load").source == "a = 10\r\nb = 20\r\nprint(a + b)"


async def test_a_picture_in_the_source_outlives_an_edit_of_what_the_model_read() -> None:
    uri = "data:image/png;base64," + "iVBORw0K" * 60
    bench = bench_of([markdown("m", f"# Old\n![p]({uri})\nlast\x00")])
    read = (await bench.call("read_cell", cell_id="m")).text
    told = re.search(r"~~~\n(.*)\n~~~", read, re.DOTALL)
    assert told is not None and "iVBORw0K" not in told[1] and "last⟨U+0000⟩" in told[1]
    await bench.call(
        "edit_cell", cell_id="m", expected_version=bench.version("m"), source=told[1].replace("Old", "New")
    )
    assert bench.notebook.cells[0].source == f"# New\n![p]({uri})\nlast\x00"
    args = {"cell_id": "m", "expected_version": bench.version("m"), "old_text": "last⟨U+0000⟩", "new_text": "end"}
    await bench.call("edit_cell", "m.r1.s2.a1.c1", **args)
    assert bench.notebook.cells[0].source == f"# New\n![p]({uri})\nend"


@pytest.mark.parametrize(
    ("source", "old_text", "new_text", "after"),
    [
        ("x\u00a0= 1\ny = 2", "x = 1\ny = 2", "x = 1\ny = 3", "x\u00a0= 1\ny = 3"),
        ("a\u2028b\u2029c", "a\nb", "a\nB", "a\u2028B\u2029c"),
        ("n = 'cafe\u0301'", "n = 'caf\u00e9'", "m = 'caf\u00e9'", "m = 'cafe\u0301'"),
        ("n = 'caf\u00e9'  # 1", "cafe\u0301'  # 1", "cafe\u0301'  # 2", "n = 'caf\u00e9'  # 2"),
        ("a\r\n\tb\r\nc", "a\n\tb", "a\n\tB\n\tbb", "a\r\n\tB\r\n\tbb\r\nc"),
        ("a\rb\nc", "a\nb", "a\nB", "a\nB\nc"),
        ("\u200bx = '\U0001f600'", "x = '\U0001f600'", "x = 1", "\u200bx = 1"),
    ],
)
async def test_what_a_model_cannot_tell_apart_is_found_and_what_it_leaves_alone_stays(
    bench: Bench, source: str, old_text: str, new_text: str, after: str
) -> None:
    bench.notebook.set_source("load", source)
    version = bench.version("load")
    await bench.call("edit_cell", cell_id="load", expected_version=version, old_text=old_text, new_text=new_text)
    assert bench.cell("load").source == after


async def test_a_whole_source_keeps_the_line_ends_of_the_cell(bench: Bench) -> None:
    bench.notebook.set_source("load", "a = 1\r\nb = 2")
    await bench.call("edit_cell", cell_id="load", expected_version=bench.version("load"), source="a = 1\nb = 3\n")
    assert bench.cell("load").source == "a = 1\r\nb = 3\r\n"
