"""The cells of a shared document, converted once: never others than the document has, whatever is done to it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from jupyter_ydoc import YNotebook
from pycrdt import Doc, Map, Text

from jupyter_copilot.notebooks.live_document import cell_cache
from jupyter_copilot.notebooks.live_document.cell_cache import CellCache
from jupyter_copilot.notebooks.live_document.ydoc import cells_in


def document(cells: int) -> YNotebook:
    notebook = YNotebook(Doc())
    notebook.set({"cells": [cell(f"c{n}") for n in range(cells)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return notebook


def cell(cell_id: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"cell_type": "code", "id": cell_id, "metadata": {}, "execution_count": None}
    return {**fields, "source": f"# {cell_id}", "outputs": [{"output_type": "stream", "name": "stdout", "text": "a"}]}


ACTS = ["insert", "delete", "source", "output", "stream", "metadata", "clear", "id", "move"]


class Person:
    """Does something at random to a document."""

    def __init__(self, notebook: YNotebook, seed: int) -> None:
        self._notebook = notebook
        self._chance = random.Random(seed)
        self._made = 0

    def act(self) -> None:
        ycells, count = self._notebook.ycells, len(self._notebook.ycells)
        at = self._chance.randrange(count) if count else 0
        match self._chance.choice(
            ["insert", "delete", "source", "output", "stream", "metadata", "clear", "id", "move"]
        ):
            case "delete" if count:
                del ycells[at]
            case "source" if count:
                text: Text = ycells[at]["source"]
                text += "!"
            case "output" if count:
                ycells[at]["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": Text("b")}))
            case "stream" if count and len(ycells[at]["outputs"]):
                shown: Text = ycells[at]["outputs"][0]["text"]
                shown += "c"
            case "metadata" if count:
                ycells[at]["metadata"]["k"] = self._chance.random()
            case "clear" if count:
                ycells[at]["outputs"].clear()
            case "id" if count:
                ycells[at]["id"] = f"renamed{self._made}"
            case "move" if count > 1:
                raw = self._notebook.get_cell(at)
                del ycells[at]
                ycells.insert(self._chance.randrange(count), self._notebook.create_ycell(raw))
            case _:
                ycells.insert(at, self._notebook.create_ycell(cell(f"new{self._made}")))
        self._made += 1


@pytest.mark.parametrize("seed", range(60))
def test_it_follows_whatever_people_do(seed: int) -> None:
    notebook = document(4)
    cache, person, chance = CellCache(notebook), Person(notebook, seed), random.Random(seed)
    for _ in range(40):
        with notebook.ydoc.transaction():
            for _ in range(chance.randrange(4)):
                person.act()
        if chance.random() < 0.7:
            assert cache.cells() == cells_in(notebook)
            assert cache.content() == notebook.get()
    assert cache.cells() == cells_in(notebook)
    assert cache.content() == notebook.get()


def test_only_what_changed_is_converted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = document(50)
    cache = CellCache(notebook)
    cache.cells()
    converted: list[int] = []
    convert: Any = vars(cell_cache)["raw_cell"]

    def counted(notebook: Any, index: int) -> Any:
        converted.append(index)
        return convert(notebook, index)

    monkeypatch.setattr(cell_cache, "raw_cell", counted)
    cache.cells()
    notebook.ycells.insert(3, notebook.create_ycell(cell("new")))
    notebook.ycells[30]["metadata"]["k"] = 1
    cache.cells()
    assert converted == [3, 30]


def test_a_large_document_is_converted_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_cache, "SLICE_S", -1.0)
    notebook = document(5)
    cache = CellCache(notebook)
    steps = 1
    while not cache.fill():
        steps += 1
    assert steps == 5
