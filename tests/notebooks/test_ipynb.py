"""The JSON of a notebook and its cells: nothing that the agent does not know is lost."""

from copy import deepcopy

import nbformat
import pytest
from msgspec.structs import replace

from jupyter_copilot.notebooks.ipynb import cells_of, with_cells, with_ids
from jupyter_copilot.ports.notebook import Cell

NOTEBOOK = {
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
def test_cells_of_another_type_are_valid(cell_type: str) -> None:
    cells = [
        replace(cell, cell_type=cell_type, outputs=[], execution_count=None, metadata={"copilot": {"exec_id": "e"}})
        for cell in cells_of(NOTEBOOK)
    ]
    cells.append(Cell(cell_id="n", cell_type=cell_type, source="new"))
    nbformat.validate(with_cells(NOTEBOOK, cells))


def test_an_old_notebook_gets_the_same_ids_at_each_reading_and_becomes_one_that_keeps_them() -> None:
    old = deepcopy(NOTEBOOK)
    old["nbformat_minor"] = 2
    for cell in old["cells"]:
        del cell["id"]
    old["cells"].append(deepcopy(old["cells"][0]))
    first, second = cells_of(old), cells_of(deepcopy(old))
    assert [cell.cell_id for cell in first] == [cell.cell_id for cell in second]
    assert len({cell.cell_id for cell in first}) == 3
    upgraded = with_cells(old, first)
    assert upgraded["nbformat_minor"] == 5
    nbformat.validate(upgraded)
    assert "id" not in old["cells"][0]


def test_an_id_that_was_made_up_survives_a_cell_inserted_before() -> None:
    old = deepcopy(NOTEBOOK)
    old["nbformat_minor"] = 4
    for cell in old["cells"]:
        del cell["id"]
    before = cells_of(old)[1].cell_id
    old["cells"].insert(0, {"cell_type": "raw", "source": "first", "metadata": {}})
    assert cells_of(old)[2].cell_id == before


def test_a_newer_notebook_is_not_made_older() -> None:
    assert with_ids({**NOTEBOOK, "nbformat_minor": 6})["nbformat_minor"] == 6
