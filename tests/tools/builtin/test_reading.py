"""Reading the notebook."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.tools.builtin.reading import READ_CHARS
from jupyter_copilot.tools.builtin.search import matching

from ..bench import Bench, bench_of, code, failure, png


async def test_the_notebook_is_shown_cell_by_cell(bench: Bench) -> None:
    text = (await bench.call("read_notebook")).text
    for number, cell in enumerate(bench.notebook.cells, 1):
        assert f"[{number} {cell.cell_id}" in text
    assert "KeyError: 'x'" in text and "\x1b" not in text


async def test_a_part_of_the_notebook_says_how_to_go_on(bench: Bench) -> None:
    text = (await bench.call("read_notebook", start=2, limit=2)).text
    assert "[1 " not in text and "[2 " in text and "[3 " in text and "[4 " not in text
    assert text.endswith("1 more cells: call read_notebook with start=4.")


async def test_a_large_notebook_is_read_in_parts_until_all_was_seen() -> None:
    bench = bench_of([code(f"c{number}", "x = 1\n" * 700) for number in range(40)])
    start, seen = 1, 0
    while True:
        text = (await bench.call("read_notebook", start=start)).text
        assert len(text) < READ_CHARS * 1.2
        seen += text.count(" not run]")
        if "more cells" not in text:
            break
        start = int(text.rpartition("start=")[2].partition(".")[0])
    assert seen == 40


async def test_of_the_cells_that_do_not_fit_an_outline_is_told() -> None:
    bench = bench_of([code(f"c{number}", f"first_{number} = 1\n" * 700, failure("!")) for number in range(1, 31)])
    text = (await bench.call("read_notebook")).text
    assert "30 c30: raised KeyError; first_30 = 1\n" in text
    assert "more cells: call read_notebook with start=" in text


async def test_a_markdown_cells_pictures_are_attached() -> None:
    whole = png("y" * 300)
    uri = f"data:image/png;base64,{whole}"
    cell = Cell(
        cell_id="m", cell_type="markdown", source=f"![p](attachment:p.png) ![q]({uri})",
        attachments={"p.png": {"image/png": png("x")}, "a.txt": {"text/plain": "no"}},
    )  # fmt: skip
    read = await bench_of([cell]).call("read_cell", cell_id="m")
    assert [image.data for image in read.images] == [png("x"), whole]
    assert "[attachment p.png, sent along as image 1]" in read.text
    assert "[image/png in the source, sent along as image 2]" in read.text
    assert "[attachment a.txt, no picture]" in read.text
    assert whole not in read.text


async def test_an_empty_notebook_says_how_to_begin() -> None:
    assert "Insert one with `after` null" in (await bench_of([]).call("read_notebook")).text


@pytest.mark.parametrize(
    ("args", "title"),
    [({}, "Read the notebook"), ({"start": 3}, "Read the notebook from cell 3")],
)
async def test_the_title_says_what_is_read(bench: Bench, args: dict[str, Any], title: str) -> None:
    assert (await bench.propose("read_notebook", **args)).preview.title == title


async def test_beyond_the_end_there_is_nothing(bench: Bench) -> None:
    assert str(await bench.refusal("read_notebook", start=9)) == "The notebook has 4 cells. Read from 4 or before."


async def test_one_cell_is_shown_with_its_images(bench: Bench) -> None:
    told = await bench.call("read_cell", cell_id="figure")
    assert "attached as image 1" in told.text and len(told.images) == 1
    told = await bench.call("read_cell", cell_id="figure", include_images=False)
    assert "not in this text" in told.text and told.images == []


@pytest.mark.parametrize(("cell_id", "title"), [("load", "Read cell 2"), ("plot", "Read cell 3 and its error")])
async def test_the_title_names_the_cell_as_people_know_it(bench: Bench, cell_id: str, title: str) -> None:
    assert (await bench.propose("read_cell", cell_id=cell_id)).preview.title == title


async def test_a_cell_that_is_not_there_is_told_with_a_guess(bench: Bench) -> None:
    assert str(await bench.refusal("read_cell", cell_id="plott")) == (
        "There is no cell plott. Did you mean plot (cell 3)?"
    )


async def test_searching_finds_lines_whatever_their_case(bench: Bench) -> None:
    text = (await bench.call("search_notebook", query="DF")).text
    assert "[2 load]" in text and "1: df = load()" in text
    assert "[3 plot error]" in text and "1: df['flipper'].hist()" in text


async def test_searching_by_regular_expression(bench: Bench) -> None:
    text = (await bench.call("search_notebook", query=r"^[xy] = \d$", regex=True)).text
    assert "2: x = 1\n3: y = 1" in text


async def test_nothing_found_says_so(bench: Bench) -> None:
    assert "Nothing in the 4 cells' sources matches." in (await bench.call("search_notebook", query="zebra")).text


async def test_very_many_finds_are_cut(bench: Bench) -> None:
    many = bench_of([code("a", "x\n" * 300)])
    assert "200 more lines match" in (await many.call("search_notebook", query="x")).text


async def test_a_wrong_expression_is_told(bench: Bench) -> None:
    assert "The regular expression is wrong: " in str(await bench.refusal("search_notebook", query="(", regex=True))


async def test_an_expression_that_never_ends_is_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "TIMEOUT_S", 0.5)
    slow = bench_of([code("a", "a" * 60 + "!")])
    refused = await slow.refusal("search_notebook", query="(a+)+$", regex=True)
    assert "takes too long" in refused.message


async def test_an_empty_query_is_refused(bench: Bench) -> None:
    assert "`query`" in str(await bench.refusal("search_notebook", query=""))
