"""Edits: what people are shown, what happens, what is refused, and what is never touched."""

from __future__ import annotations

import random
import re
from typing import Any

import msgspec
import pytest

from jupyter_copilot.ports.notebook import Cell, version_of
from jupyter_copilot.protocol.errors import StaleCells
from jupyter_copilot.tools.builtin.draft import new_cell_id

from ..bench import TOOLS, Bench, bench_of, code, markdown


async def test_inserting_shows_the_source_and_the_place(bench: Bench) -> None:
    proposal = await bench.propose("insert_cell", after="load", source="df.head()")
    assert proposal.preview.title == "Insert a cell after cell 2"
    (diff,) = proposal.preview.cells
    assert (diff.action, diff.before, diff.after, diff.label) == ("insert", None, "df.head()", "new cell after cell 2")


async def test_inserting_puts_the_cell_there_and_tells_its_id_and_version(bench: Bench) -> None:
    told = await bench.call("insert_cell", after="load", source="df.head()")
    new = new_cell_id("m.r1.s1.a1.c1")
    assert bench.order == ["intro", "load", new, "plot", "figure"]
    assert told.text == f"Inserted cell 3 [{new}]."
    assert told.cells == [new]


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
async def test_a_cell_of_each_type_goes_to_the_top(bench: Bench, kind: str) -> None:
    await bench.call("insert_cell", after=None, source="x", cell_type=kind)
    assert (bench.notebook.cells[0].cell_type, bench.notebook.cells[0].source) == (kind, "x")


def test_the_id_of_a_new_cell_follows_from_the_call_and_is_valid_in_nbformat() -> None:
    ids = {new_cell_id(f"0190-x.r{n}.s1.a1.c1") for n in range(500)}
    assert len(ids) == 500 and new_cell_id("a") == new_cell_id("a")
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", each) for each in ids)


async def test_replacing_a_text_changes_its_one_place(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load"), "old_text": "x = 1", "new_text": "x = 2"}
    proposal = await bench.propose("edit_cell", **args)
    assert proposal.preview.title == "Edit cell 2"
    (diff,) = proposal.preview.cells
    assert (diff.before, diff.after) == ("df = load()\nx = 1\ny = 1", "df = load()\nx = 2\ny = 1")
    told = await bench.call("edit_cell", **args)
    assert bench.cell("load").source == "df = load()\nx = 2\ny = 1"
    assert told.text == "Edited cell 2 [load]. Its outputs are still those of the old text."


async def test_places_that_overlap_are_two(bench: Bench) -> None:
    bench.notebook.set_source("load", "aaa")
    args = {"cell_id": "load", "expected_version": bench.version("load"), "old_text": "aa", "new_text": "b"}
    assert "`old_text` matches 2 places (lines 1, 1)." in str(await bench.refusal("edit_cell", **args))


async def test_a_whole_source_replaces_the_cell(bench: Bench) -> None:
    await bench.call("edit_cell", cell_id="plot", expected_version=bench.version("plot"), source="")
    assert bench.cell("plot").source == ""


async def test_deleting_shows_what_goes(bench: Bench) -> None:
    proposal = await bench.propose("delete_cell", cell_id="plot", expected_version=bench.version("plot"))
    assert proposal.preview.title == "Delete cell 3"
    assert (proposal.preview.cells[0].before, proposal.preview.cells[0].after) == ("df['flipper'].hist()", None)
    told = await bench.call("delete_cell", cell_id="plot", expected_version=bench.version("plot"))
    assert bench.order == ["intro", "load", "figure"]
    assert told.text == "Deleted cell 3 [plot]."


@pytest.mark.parametrize(
    ("cell_id", "after", "title", "order"),
    [
        ("figure", None, "Move cell 4 to the top", ["figure", "intro", "load", "plot"]),
        ("intro", "plot", "Move cell 1 after cell 3", ["load", "plot", "intro", "figure"]),
        ("load", "figure", "Move cell 2 after cell 4", ["intro", "plot", "figure", "load"]),
    ],
)
async def test_moving(bench: Bench, cell_id: str, after: str | None, title: str, order: list[str]) -> None:
    assert (await bench.propose("move_cell", cell_id=cell_id, after=after)).preview.title == title
    version = bench.version(cell_id)
    await bench.call("move_cell", cell_id=cell_id, after=after)
    assert bench.order == order
    assert bench.version(cell_id) == version


@pytest.mark.parametrize(("kind", "title"), [("code", "Make cell 1 code"), ("raw", "Make cell 1 raw")])
async def test_changing_the_type(bench: Bench, kind: str, title: str) -> None:
    args = {"cell_id": "intro", "expected_version": bench.version("intro"), "cell_type": kind}
    assert (await bench.propose("set_cell_type", **args)).preview.title == title
    told = await bench.call("set_cell_type", **args)
    assert bench.cell("intro").cell_type == kind
    assert told.text == "Changed the type of cell 1 [intro]."


async def test_several_changes_are_one_proposal_with_a_diff_for_each_cell(bench: Bench) -> None:
    changes = [
        {"action": "insert_cell", "after": "intro", "source": "first"},
        {"action": "insert_cell", "after": "intro", "source": "second", "cell_type": "markdown"},
        _replace(bench, "load", "x = 1", "x = 2"),
        _replace(bench, "load", "y = 1", "y = 2"),
        {"action": "set_cell_type", "cell_id": "plot", "expected_version": bench.version("plot"), "cell_type": "raw"},
        {"action": "delete_cell", "cell_id": "figure", "expected_version": bench.version("figure")},
    ]
    proposal = await bench.propose("edit_notebook", changes=changes)
    assert proposal.preview.title == "Insert 2 cells, edit cell 2, change the type of cell 3 and delete cell 4"
    assert [(diff.action, diff.after) for diff in proposal.preview.cells] == [
        ("insert", "first"),
        ("insert", "second"),
        ("edit", "df = load()\nx = 2\ny = 2"),
        ("retype", "df['flipper'].hist()"),
        ("delete", None),
    ]
    first, second = proposal.preview.cells[:2]
    assert (first.above_after, second.above_after) == ("intro", first.cell_id)
    await bench.call("edit_notebook", changes=changes)
    assert [cell.source for cell in bench.notebook.cells] == [
        "# Penguins",
        "first",
        "second",
        "df = load()\nx = 2\ny = 2",
        "df['flipper'].hist()",
    ]
    assert len(bench.notebook.operations) == 1


async def test_one_wrong_change_leaves_all_undone_and_is_named(bench: Bench) -> None:
    changes = [
        {"action": "insert_cell", "after": "intro", "source": "first"},
        {"action": "edit_cell", "cell_id": "load", "expected_version": bench.version("load")},
    ]
    refused = await bench.refusal("edit_notebook", changes=changes)
    assert refused.message.startswith("changes[1]: edit_cell needs either `source`")


async def test_source_and_type_of_one_cell_change_together(bench: Bench) -> None:
    version = bench.version("plot")
    changes = [
        {"action": "edit_cell", "cell_id": "plot", "expected_version": version, "source": "Text"},
        {"action": "set_cell_type", "cell_id": "plot", "expected_version": version, "cell_type": "markdown"},
    ]
    told = await bench.call("edit_notebook", changes=changes)
    assert (bench.cell("plot").cell_type, bench.cell("plot").source) == ("markdown", "Text")
    assert told.text == "Changed the type of cell 3 [plot]."


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("edit_cell", {"source": "a", "old_text": "x", "new_text": "y"}, "edit_cell needs either `source` (the whole new"),
    ("edit_cell", {"old_text": "x"}, "edit_cell needs either `source`"),
    ("edit_cell", {}, "Pass exactly one of these two forms."),
    (
        "edit_cell",
        {"old_text": "= 1", "new_text": "= 2"},
        "matches 2 places (lines 2, 3). Include more",
    ),
    (
        "edit_cell",
        {"old_text": "z", "new_text": ""},
        "does not occur in the cell. The cell reads:\n~~~\n",
    ),
    (
        "edit_cell",
        {"old_text": "x=1", "new_text": ""},
        "Its white space differs: copy indentation",
    ),
    ("edit_cell", {"old_text": "", "new_text": "a"}, "`old_text` is empty. Copy the lines"),
    (
        "edit_cell",
        {"old_text": "x = 1", "new_text": "x = 1"},
        "Cell 2 already has this text. There is nothing to change.",
    ),
    ("set_cell_type", {"cell_type": "code"}, "Cell 2 is code already. There is nothing to change."),
    ("set_cell_type", {"cell_type": "python"}, "`cell_type` must be one of code, markdown, raw"),
]


@pytest.mark.parametrize(("tool", "args", "told"), REFUSALS, ids=lambda value: str(value)[:40])
async def test_what_cannot_be_done_is_told_with_what_to_do(
    bench: Bench, tool: str, args: dict[str, Any], told: str
) -> None:
    refused = await bench.refusal(tool, cell_id="load", expected_version=bench.version("load"), **args)
    assert told in str(refused)


@pytest.mark.parametrize(
    ("tool", "args", "told"),
    [
        ("move_cell", {"cell_id": "load", "after": "load"}, "A cell cannot stand after itself."),
        ("move_cell", {"cell_id": "load", "after": "intro"}, "Cell 2 stands after cell 1 already."),
        ("move_cell", {"cell_id": "intro", "after": None}, "Cell 1 stands at the top already."),
        ("move_cell", {"cell_id": "load", "after": "nowhere"}, "There is no cell nowhere."),
        ("insert_cell", {"after": "nowhere", "source": ""}, "There is no cell nowhere. Call read_notebook to see"),
        ("insert_cell", {"after": "lod", "source": ""}, "There is no cell lod. Did you mean load (cell 2)?"),
        ("insert_cell", {"after": "cell 9", "source": ""}, "The notebook has 4 cells."),
        ("insert_cell", {"after": 9, "source": ""}, "The notebook has 4 cells."),
        ("insert_cell", {"source": ""}, "`after` is missing"),
        ("delete_cell", {"cell_id": "load"}, "Cell 2 was not read by you yet."),
        ("edit_notebook", {"changes": []}, "`changes`"),
        ("edit_notebook", {"changes": [{"action": "edit"}]}, "`changes[0].action` must be one of"),
        (
            "edit_notebook",
            {"changes": [{"action": "delete_cell"}]},
            "changes[0]: The arguments of delete_cell",
        ),
        ("edit_notebook", {"changes": [{"action": "move_cell", "sourc": ""}]}, "did you mean `source`?"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_does_not_fit_is_told_with_what_would(
    bench: Bench, tool: str, args: dict[str, Any], told: str
) -> None:
    assert told in str(await bench.refusal(tool, **args))


async def test_a_cell_that_a_call_deletes_cannot_be_a_place_after_that(bench: Bench) -> None:
    changes = [
        {"action": "delete_cell", "cell_id": "load", "expected_version": bench.version("load")},
        {"action": "insert_cell", "after": "load", "source": "x"},
    ]
    assert "There is no cell load." in str(await bench.refusal("edit_notebook", changes=changes))


async def test_an_old_version_is_refused_with_the_cell_as_it_is_now(bench: Bench) -> None:
    seen = bench.version("load")
    bench.notebook.set_source("load", "df = other()")
    refused = await bench.refusal("edit_cell", cell_id="load", expected_version=seen, source="mine")
    assert refused.code == "stale"
    assert "Cell 2 is not as you read it." in str(refused)
    assert "df = other()" in refused.hint


@pytest.mark.parametrize("tool", ["edit_cell", "delete_cell", "set_cell_type"])
async def test_what_a_person_changed_after_the_proposal_is_kept(bench: Bench, tool: str) -> None:
    extra = {"edit_cell": {"source": "mine"}, "delete_cell": {}, "set_cell_type": {"cell_type": "raw"}}[tool]
    args = {"cell_id": "load", "expected_version": bench.version("load"), **extra}
    proposal = await bench.propose(tool, **args)
    assert proposal.pinned == {"load": bench.version("load")}
    bench.notebook.set_source("load", "theirs")
    with pytest.raises(StaleCells) as caught:
        await TOOLS.find(tool).execute(args, proposal, bench.context())
    assert caught.value.cells == {"load": version_of("theirs")}
    assert bench.cell("load").source == "theirs"


async def test_a_cell_that_is_gone_is_told_as_gone(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load"), "source": "mine"}
    proposal = await bench.propose("edit_cell", **args)
    bench.notebook.cells = [cell for cell in bench.notebook.cells if cell.cell_id != "load"]
    with pytest.raises(StaleCells) as caught:
        await TOOLS.find("edit_cell").execute(args, proposal, bench.context())
    assert caught.value.cells == {"load": None}


async def test_an_edit_that_was_made_is_not_made_again(bench: Bench) -> None:
    args = {"after": "load", "source": "x"}
    context = bench.context()
    proposal = await bench.propose("insert_cell", **args)
    first = await TOOLS.find("insert_cell").execute(args, proposal, context)
    again = await TOOLS.find("insert_cell").execute(args, proposal, context)
    assert first == again
    assert len(bench.order) == 5


async def test_the_probe_finds_an_edit_by_its_stamp_and_shows_the_cell(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load"), "source": "mine"}
    assert await bench.probe("edit_cell", **args) is None
    await bench.call("edit_cell", **args)
    found = await bench.probe("edit_cell", **args)
    assert found is not None and "mine" in found.text and found.cells == ["load"]
    assert await bench.probe("edit_cell", call_id="other", **args) is None


async def test_the_probe_finds_a_deletion(bench: Bench) -> None:
    args = {"cell_id": "load", "expected_version": bench.version("load")}
    await bench.call("delete_cell", **args)
    found = await bench.probe("delete_cell", **args)
    assert found is not None and found.text == "There is no cell load any more."


@pytest.mark.parametrize("seed", range(200))
async def test_no_edit_ever_changes_another_cell(seed: int) -> None:
    """Random changes: cells that no change names keep all they have, and their order; named ones are as told."""
    chance = random.Random(seed)
    cells = [_some_cell(chance, number) for number in range(chance.randint(1, 8))]
    bench = bench_of(cells)
    free = [cell.cell_id for cell in cells]
    changes = []
    for _ in range(chance.randint(1, 6)):
        change = _some_change(chance, bench, free)
        changes.append(change)
        if change.get("cell_id") in free:
            free.remove(change["cell_id"])
    named = {change["cell_id"] for change in changes if "cell_id" in change}
    try:
        proposal = await bench.propose("edit_notebook", changes=changes)
    except Exception as error:
        assert any(phrase in str(error) for phrase in ("already", "is no cell", "after itself")), error
        assert bench.notebook.cells == cells
        return
    await bench.call("edit_notebook", changes=changes)
    before = [cell for cell in cells if cell.cell_id not in named]
    known = {cell.cell_id for cell in cells}
    after = [cell for cell in bench.notebook.cells if cell.cell_id not in named and cell.cell_id in known]
    assert after == before
    for diff in proposal.preview.cells:
        shown = [cell.source for cell in bench.notebook.cells if cell.cell_id == diff.cell_id]
        assert shown == ([] if diff.after is None else [diff.after])


def _some_cell(chance: random.Random, number: int) -> Cell:
    make = chance.choice([code, markdown])
    return make(f"cell-{number}", "".join(chance.choices("ab \n", k=12)))


def _some_change(chance: random.Random, bench: Bench, free: list[str]) -> dict[str, Any]:
    place = chance.choice([None, *bench.order])
    action = chance.choice(["insert_cell", "edit_cell", "delete_cell", "move_cell", "set_cell_type"])
    if action == "insert_cell" or not free:
        return {"action": "insert_cell", "after": place, "source": f"new {chance.random()}"}
    cell_id = chance.choice(free)
    version = bench.version(cell_id)
    match action:
        case "edit_cell":
            return {"action": action, "cell_id": cell_id, "expected_version": version, "source": f"{chance.random()}"}
        case "delete_cell":
            return {"action": action, "cell_id": cell_id, "expected_version": version}
        case "move_cell":
            return {"action": action, "cell_id": cell_id, "after": place}
        case _:
            return {"action": action, "cell_id": cell_id, "expected_version": version, "cell_type": "raw"}


def _replace(bench: Bench, cell_id: str, old: str, new: str) -> dict[str, Any]:
    version = bench.version(cell_id)
    return {"action": "edit_cell", "cell_id": cell_id, "expected_version": version, "old_text": old, "new_text": new}


async def test_the_preview_says_what_it_takes_to_put_cells_back(bench: Bench) -> None:
    changes = [
        {"action": "delete_cell", "cell_id": "intro", "expected_version": bench.version("intro")},
        {"action": "delete_cell", "cell_id": "load", "expected_version": bench.version("load")},
        {"action": "move_cell", "cell_id": "figure", "after": None},
        {"action": "move_cell", "cell_id": "figure", "after": "plot"},
        {
            "action": "set_cell_type",
            "cell_id": "plot",
            "expected_version": bench.version("plot"),
            "cell_type": "markdown",
        },
    ]
    diffs = (await bench.propose("edit_notebook", changes=changes)).preview.cells
    assert [(diff.cell_id, diff.above, diff.above_after, diff.type_before) for diff in diffs] == [
        ("intro", None, None, None),
        ("load", None, None, None),
        ("figure", "plot", None, None),
        ("figure", None, "plot", None),
        ("plot", None, None, "code"),
    ]


async def test_a_type_that_cannot_have_attachments_says_beforehand_that_they_are_dropped(bench: Bench) -> None:
    cells = bench.notebook.cells
    cells[0] = msgspec.structs.replace(cells[0], cell_type="markdown", attachments={"p.png": {"image/png": "iVBO"}})
    retype = {"cell_id": cells[0].cell_id, "expected_version": cells[0].version}
    dropped = await bench.propose("set_cell_type", cell_type="code", **retype)
    assert dropped.preview.title == "Make cell 1 code; what is attached to cell 1 is dropped (`p.png`)"
    kept = await bench.propose("set_cell_type", cell_type="raw", **retype)
    assert kept.preview.title == "Make cell 1 raw"
