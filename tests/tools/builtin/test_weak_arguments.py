"""What small models write for an argument: understood, or answered so that the next step succeeds."""

from __future__ import annotations

from typing import Any

import pytest

from ..bench import TOOLS, Bench, bench_of, code


@pytest.mark.parametrize(
    "written",
    ["id=load", "cell_id: load", "[load]", "cell load", "Cell: load", '"load"', "`load`", "#load", "<load>", "load.",
     "[2 load run 3]", "2 load", "cell 2 [load]", "[cell 2 id=load version=34f14573a144]", 2, "2", "cell 2", "Cell #2"],
)  # fmt: skip
async def test_an_id_is_understood_with_what_was_copied_along(bench: Bench, written: Any) -> None:
    assert "df = load()" in (await bench.call("read_cell", cell_id=written)).text
    args = {"cell_id": written, "expected_version": f"version={bench.version('load')}"}
    assert (await bench.propose("edit_cell", **args, old_text="x = 1", new_text="x = 2")).pinned
    assert (await bench.propose("run_cells", cell_ids=[written, "plot"])).run == ["load", "plot"]
    await bench.call("insert_cell", after=written, source="new")
    assert bench.notebook.cells[2].source == "new"


async def test_ids_in_one_text_are_several(bench: Bench) -> None:
    assert (await bench.propose("run_cells", cell_ids="load, plot")).run == ["load", "plot"]
    assert (await bench.propose("run_cells", cell_ids='["load", "plot"]')).run == ["load", "plot"]


async def test_a_number_that_there_is_not_is_answered_with_how_many_there_are(bench: Bench) -> None:
    assert "The notebook has 4 cells." in str(await bench.refusal("read_cell", cell_id=7))


async def test_the_beginning_of_an_id_is_enough_and_no_number_is_taken_out_of_an_id() -> None:
    cells = [code("0a1b2c3d-1111-4111-8111-111111111111", "first"), code("cell-7", "second")]
    bench = bench_of(cells)
    shown = (await bench.call("read_notebook")).text
    assert shown.startswith("[1 0a1b2c3d not run]")
    assert "first" in (await bench.call("read_cell", cell_id="0a1b2c3d")).text
    assert "There is no cell cell-1." in str(await bench.refusal("read_cell", cell_id="cell-1"))


@pytest.mark.parametrize("blank", ["", "null", "None", "undefined", None])
async def test_either_form_of_an_edit_may_leave_the_other_one_blank(bench: Bench, blank: str | None) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load")}
    part = await bench.propose("edit_cell", **args, old_text="x = 1", new_text="x = 5", source=blank)
    assert part.preview.cells[0].after == "df = load()\nx = 5\ny = 1"
    whole = await bench.propose("edit_cell", **args, old_text=blank, new_text=blank, source="x = 7")
    assert whole.preview.cells[0].after == "x = 7"


async def test_a_text_is_removed_beside_a_blank_source(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load"), "old_text": "\nx = 1", "new_text": ""}
    await bench.call("edit_cell", **args, source="")
    assert bench.cell("load").source == "df = load()\ny = 1"


async def test_a_cell_is_emptied_by_an_empty_source_alone(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load")}
    assert "exactly one of these two forms" in str(
        await bench.refusal("edit_cell", **args, source="", old_text="", new_text="")
    )
    await bench.call("edit_cell", **args, source="")
    assert bench.cell("load").source == ""


async def test_none_is_replaced_like_any_other_text() -> None:
    bench = bench_of([code("a", "x = None")])
    args = {"cell_id": "a", "expected_version": bench.version("a"), "old_text": "None", "new_text": "0"}
    await bench.call("edit_cell", **args)
    assert bench.cell("a").source == "x = 0"


@pytest.mark.parametrize(
    ("after", "index"), [(None, 0), ("null", 0), ("None", 0), ("top", 0), ("end", -1), ("bottom", -1)]
)
async def test_the_top_and_the_end_are_places(bench: Bench, after: str | None, index: int) -> None:
    await bench.call("insert_cell", after=after, source="new")
    assert bench.notebook.cells[index].source == "new"


async def test_an_empty_place_is_answered_with_those_there_are(bench: Bench) -> None:
    told = str(await bench.refusal("insert_cell", after="", source="new"))
    assert '"top" or null for the top, "end" for the end' in told
    empty = bench_of([])
    await empty.call("insert_cell", after="", source="new")
    assert [cell.source for cell in empty.notebook.cells] == ["new"]


async def test_blanks_for_what_is_no_text_are_left_out(bench: Bench) -> None:
    proposal = await bench.propose("insert_cell", after="load", source="x", cell_type="")
    assert proposal.preview.cells[0].cell_type == "code"
    await bench.call("read_notebook", start="", limit="null")
    assert (await bench.propose("run_cell", cell_id="load", timeout_s="")).run == ["load"]


async def test_a_change_may_have_every_field_filled_in(bench: Bench) -> None:
    blank = {"expected_version": "", "old_text": "", "new_text": "", "cell_id": ""}
    changes = [{"action": "insert_cell", "after": "load", "source": "new", "cell_type": "code", **blank}]
    await bench.call("edit_notebook", changes=changes)
    assert bench.notebook.cells[2].source == "new"


async def test_a_model_may_give_its_reasons(bench: Bench) -> None:
    assert "df = load()" in (await bench.call("read_cell", cell_id="load", reason="I want to see it.")).text


def test_no_tool_is_told_with_a_list_of_types() -> None:
    def types(value: Any) -> list[Any]:
        if isinstance(value, list):
            return [each for item in value for each in types(item)]
        if not isinstance(value, dict):
            return []
        return [value.get("type"), *(each for item in value.values() for each in types(item))]

    assert not [each for each in types(TOOLS.definitions()) if isinstance(each, list)]
    after = {tool["function"]["name"]: tool["function"]["parameters"] for tool in TOOLS.definitions()}
    change = after["change_notebook"]["properties"]["changes"]["items"]
    assert change["properties"]["after"]["type"] == "string" and "after" not in change["required"]
