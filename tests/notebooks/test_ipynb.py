"""The JSON of a notebook and its cells: nothing that the agent does not know is lost."""

from copy import deepcopy
from typing import Any, Literal

import msgspec
import nbformat
import pytest
from msgspec.structs import replace

from jupyter_copilot.notebooks.ipynb import CellsRead, as_stored, cells_of, kernel_name_of, with_cells, with_ids
from jupyter_copilot.ports.notebook import Cell

NOTEBOOK: dict[str, Any] = {
    "cells": [
        {
            "id": "a",
            "cell_type": "code",
            "source": ["x = 1\n", "x"],
            "metadata": {"trusted": True, "slideshow": {"slide_type": "skip"}},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "hi"}],
            "execution_count": 4,
        },
        {
            "id": "b",
            "cell_type": "markdown",
            "source": "![p](attachment:p)",
            "metadata": {},
            "attachments": {"p": {"image/png": "iVBO"}},
        },
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python"}, "unknown": {"deep": [1]}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_cells_are_read_whole_and_without_the_mark_of_trust() -> None:
    code, text = cells_of(NOTEBOOK)
    assert (code.cell_id, code.source, code.execution_count) == ("a", "x = 1\nx", 4)
    assert code.metadata == {"slideshow": {"slide_type": "skip"}}
    assert (text.cell_type, text.outputs) == ("markdown", [])


def test_the_same_cells_give_the_same_notebook_back() -> None:
    assert with_cells(NOTEBOOK, cells_of(NOTEBOOK)) == NOTEBOOK


def test_a_changed_cell_keeps_what_a_cell_does_not_hold() -> None:
    before = deepcopy(NOTEBOOK)
    cells = [replace(cell, source="new") for cell in cells_of(NOTEBOOK)]
    code, text = with_cells(NOTEBOOK, cells)["cells"]
    assert code["metadata"] == NOTEBOOK["cells"][0]["metadata"]
    assert text["attachments"] == {"p": {"image/png": "iVBO"}}
    assert with_cells(NOTEBOOK, cells)["metadata"] == NOTEBOOK["metadata"]
    assert before == NOTEBOOK


@pytest.mark.parametrize("cell_type", ["code", "markdown", "raw"])
def test_cells_of_another_type_are_valid(cell_type: Literal["code", "markdown", "raw"]) -> None:
    cells = [
        replace(cell, cell_type=cell_type, outputs=[], execution_count=None, metadata={"copilot": {"exec_id": "e"}})
        for cell in cells_of(NOTEBOOK)
    ]
    cells.append(Cell(cell_id="n", cell_type=cell_type, source="new"))
    nbformat.validate(with_cells(NOTEBOOK, cells))


def old_notebook() -> dict[str, Any]:
    """As Colab and books have them: nbformat 4.4, and no ids."""
    old = deepcopy(NOTEBOOK)
    old["nbformat_minor"] = 4
    for cell in old["cells"]:
        del cell["id"]
    return old


def test_an_old_notebook_gets_the_same_ids_at_each_reading_and_its_file_none() -> None:
    old = old_notebook()
    old["cells"].append(deepcopy(old["cells"][0]))
    first, second = cells_of(old), cells_of(deepcopy(old))
    assert [cell.cell_id for cell in first] == [cell.cell_id for cell in second]
    assert len({cell.cell_id for cell in first}) == 3
    changed = with_cells(old, [*first, Cell(cell_id="new", cell_type="code", source="n")])
    stored = as_stored(changed)
    assert stored["nbformat_minor"] == 4
    assert all("id" not in cell for cell in stored["cells"])
    assert stored["cells"][:3] == old["cells"]
    nbformat.validate(stored)
    assert "id" not in old["cells"][0]


def test_an_id_that_was_made_up_survives_a_cell_inserted_before() -> None:
    old = old_notebook()
    before = cells_of(old)[1].cell_id
    old["cells"].insert(0, {"cell_type": "raw", "source": "first", "metadata": {}})
    assert cells_of(old)[2].cell_id == before


@pytest.mark.parametrize("minor", [0, 4, 5, 6])
def test_no_notebook_gets_another_format(minor: int) -> None:
    notebook = {**old_notebook(), "nbformat_minor": minor}
    assert as_stored(with_cells(notebook, cells_of(notebook)))["nbformat_minor"] == minor


def code(**fields: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "cell_type": "code",
        "source": "x",
        "metadata": {},
        "outputs": [],
        "execution_count": 1,
        **fields,
    }


ODD: dict[str, dict[str, Any]] = {
    "id": code(id=7),
    "id as a browser has numbers": code(id=7.0),
    "no id": code(id=None),
    "id that is an object": code(id={}),
    "count": code(execution_count="*"),
    "count as text": code(execution_count="7"),
    "count between two": code(execution_count=2.5),
    "count that is none": code(execution_count=True),
    "source": code(source=None),
    "source of lines": code(source=["a\n", "b"]),
    "source of lines and something else": code(source=["a\n", None, "b"]),
    "number as source": code(source=5),
    "metadata": code(metadata=None),
    "outputs": code(outputs=None),
    "output": code(outputs=["x", {"output_type": "stream", "name": "stdout", "text": "y"}]),
    "type": {"id": "s", "cell_type": "sql", "source": "SELECT 1", "metadata": {}, "outputs": []},
    "text with outputs": {**code(cell_type="markdown"), "language": "text"},
    "carriage returns": code(source="a\r\nb\rc\u2028d\u00a0e\u0301"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_an_odd_cell_is_a_cell_and_stays_as_it_is_when_another_is_changed(odd: dict[str, Any]) -> None:
    notebook = {**NOTEBOOK, "cells": [odd, *NOTEBOOK["cells"]]}
    first, second, third = cells_of(notebook)
    msgspec.convert(msgspec.to_builtins(first), Cell)  # every field is what it promises to be
    changed = with_cells(with_ids(notebook), [first, replace(second, source="new"), third])
    assert as_stored(changed)["cells"][0] == odd


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_an_odd_cell_can_be_changed_and_only_what_was_asked_is(odd: dict[str, Any]) -> None:
    notebook = with_ids({**NOTEBOOK, "cells": [odd]})
    changed = with_cells(notebook, [replace(cells_of(notebook)[0], source="new")])
    stored = as_stored(changed)["cells"][0]
    assert stored == {**odd, "source": "new", "id": stored["id"]}
    assert stored["id"] == odd["id"] or odd["id"] in (None, {})


def test_ids_that_are_numbers_are_told_as_text_and_two_alike_are_told_apart() -> None:
    cells = cells_of({**NOTEBOOK, "cells": [code(id=7), code(), code()]})
    assert [cell.cell_id for cell in cells[:2]] == ["7", "c"]
    assert len({cell.cell_id for cell in cells}) == 3


@pytest.mark.parametrize("cells", [None, []])
def test_a_notebook_without_cells_has_none(cells: list[Any] | None) -> None:
    assert cells_of({"cells": cells, "metadata": None, "nbformat": 4}) == []


@pytest.mark.parametrize(
    "metadata", [None, {}, {"kernelspec": None}, {"kernelspec": {"name": None}}, {"kernelspec": 1}]
)
def test_a_notebook_may_name_no_kernel(metadata: Any) -> None:
    assert kernel_name_of({"metadata": metadata}) is None


def test_a_code_cell_gets_the_list_of_its_outputs_without_which_jupyter_cannot_save() -> None:
    bare = {"id": "c", "cell_type": "code", "source": "x", "metadata": {}}
    assert as_stored({**NOTEBOOK, "cells": [bare]})["cells"] == [{**bare, "outputs": []}]


def test_cells_are_made_once_and_anew_where_their_json_is_another() -> None:
    read = CellsRead()
    cells = read.of(NOTEBOOK)
    again = read.of(NOTEBOOK)
    assert cells == cells_of(NOTEBOOK) and all(a is b for a, b in zip(cells, again, strict=True))
    changed = with_cells(NOTEBOOK, [replace(cells[0], source="new"), *cells[1:]], read.one)
    assert as_stored(changed)["cells"][1] is NOTEBOOK["cells"][1]
    now = read.of(changed)
    assert now[0].source == "new" and now[1] is cells[1]
    read.forget()
    assert read.of(NOTEBOOK)[0] is not cells[0]
