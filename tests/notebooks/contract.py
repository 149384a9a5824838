"""What every adapter of the notebook port promises; each adapter's tests inherit it and say how to get one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from msgspec import Struct

from jupyter_copilot.ports.notebook import Cell, DeleteCell, InsertCell, MoveCell, Notebook, SetSource, SetType
from jupyter_copilot.protocol import Output
from jupyter_copilot.protocol.errors import CellNotFound, NotebookError, StaleCells

CELLS = [
    Cell(cell_id="first", cell_type="markdown", source="# Ünïcode 🐧"),
    Cell(cell_id="hello", cell_type="code", source="print('hello')"),
    Cell(cell_id="fails", cell_type="code", source="1/0"),
]


class Held(Struct):
    """An adapter with `CELLS` in its notebook, and what a person can do there meanwhile."""

    notebook: Notebook
    set_source: Callable[[str, str], Awaitable[None]]


async def cell_of(notebook: Notebook, cell_id: str) -> Cell:
    return next(cell for cell in await notebook.read() if cell.cell_id == cell_id)


async def ids_of(notebook: Notebook) -> list[str]:
    return [cell.cell_id for cell in await notebook.read()]


class EditingContract:
    """Reading and changing."""

    async def test_reading_gives_the_cells_in_order(self, held: Held) -> None:
        cells = await held.notebook.read()
        assert [(c.cell_id, c.cell_type, c.source, c.version) for c in cells] == [
            (c.cell_id, c.cell_type, c.source, c.version) for c in CELLS
        ]

    async def test_all_kinds_of_changes_in_one_go(self, held: Held) -> None:
        first, hello, fails = CELLS
        await held.notebook.apply(
            [
                InsertCell(cell_id="new", after="first", cell_type="code", source="n = 1"),
                SetSource(cell_id="hello", expected=hello.version, source="print('hello, 🐧')"),
                MoveCell(cell_id="first", after="hello"),
                DeleteCell(cell_id="fails", expected=fails.version),
                SetType(cell_id="first", expected=first.version, cell_type="raw"),
            ],
            "e1",
        )
        assert [(c.cell_id, c.cell_type, c.source) for c in await held.notebook.read()] == [
            ("new", "code", "n = 1"),
            ("hello", "code", "print('hello, 🐧')"),
            ("first", "raw", "# Ünïcode 🐧"),
        ]

    async def test_changes_are_recognised_by_their_stamp(self, held: Held) -> None:
        assert not await held.notebook.applied("e1")
        await held.notebook.apply([SetSource(cell_id="hello", expected=CELLS[1].version, source="")], "e1")
        assert await held.notebook.applied("e1")
        assert not await held.notebook.applied("e")
        assert not await held.notebook.applied("e10")

    async def test_even_a_deletion_is_recognised(self, held: Held) -> None:
        await held.notebook.apply([DeleteCell(cell_id="hello", expected=CELLS[1].version)], "e1")
        assert await held.notebook.applied("e1")

    async def test_stamps_are_taken_out_and_nothing_else(self, held: Held) -> None:
        first, hello, fails = CELLS
        await held.notebook.apply([SetSource(cell_id="hello", expected=hello.version, source="new")], "e1")
        await held.notebook.apply([SetSource(cell_id="first", expected=first.version, source="new")], "e2")
        await held.notebook.apply([DeleteCell(cell_id="fails", expected=fails.version)], "e3")
        await held.notebook.forget(["e1", "e3"])
        assert [await held.notebook.applied(exec_id) for exec_id in ("e1", "e2", "e3")] == [False, True, False]
        assert [cell.metadata for cell in await held.notebook.read()] == [{"copilot": {"exec_id": "e2"}}, {}]
        await held.notebook.forget(["e2"])
        await held.notebook.forget(["e2"])
        assert [cell.metadata for cell in await held.notebook.read()] == [{}, {}]

    async def test_what_a_person_changed_meanwhile_is_not_overwritten(self, held: Held) -> None:
        await held.set_source("hello", "print('mine')")
        with pytest.raises(StaleCells) as caught:
            await held.notebook.apply(
                [
                    InsertCell(cell_id="new", after=None, cell_type="code", source=""),
                    SetSource(cell_id="hello", expected=CELLS[1].version, source="print('theirs')"),
                ],
                "e1",
            )
        mine = await cell_of(held.notebook, "hello")
        assert caught.value.cells == {"hello": mine.version}
        assert mine.source == "print('mine')"
        assert await ids_of(held.notebook) == ["first", "hello", "fails"]
        assert not await held.notebook.applied("e1")

    async def test_what_a_person_changed_elsewhere_is_kept(self, held: Held) -> None:
        await held.set_source("first", "# Mine")
        await held.notebook.apply([SetSource(cell_id="hello", expected=CELLS[1].version, source="new")], "e1")
        assert (await cell_of(held.notebook, "first")).source == "# Mine"

    async def test_a_place_that_is_gone_is_named(self, held: Held) -> None:
        with pytest.raises(CellNotFound):
            await held.notebook.apply([InsertCell(cell_id="n", after="gone", cell_type="code", source="")], "e1")
        assert await ids_of(held.notebook) == ["first", "hello", "fails"]


class RunningContract:
    """Running cells."""

    async def test_a_run_returns_shows_and_keeps_what_the_cell_put_out(self, held: Held) -> None:
        shown: list[Output] = []
        outcome = await held.notebook.run("hello", "e1.hello", shown.append, None, CELLS[1].version)
        cell = await cell_of(held.notebook, "hello")
        assert outcome.status == "ok"
        assert outcome.outputs == cell.outputs == [{"output_type": "stream", "name": "stdout", "text": "hello\n"}]
        assert outcome.execution_count == cell.execution_count == 1
        assert {(piece.kind, piece.cell_id) for piece in shown} == {("stdout", "hello")}
        assert "".join(piece.text for piece in shown) == "hello\n"  # a kernel may send it in pieces

    async def test_a_run_that_ended_can_be_adopted(self, held: Held) -> None:
        assert await held.notebook.ran("hello", "e1.hello") is None
        outcome = await held.notebook.run("hello", "e1.hello", lambda piece: None, None)
        assert await held.notebook.ran("hello", "e1.hello") == outcome
        assert await held.notebook.ran("hello", "e2.hello") is None
        assert await held.notebook.ran("fails", "e1.hello") is None

    async def test_an_error_comes_back_with_its_traceback(self, held: Held) -> None:
        shown: list[Output] = []
        outcome = await held.notebook.run("fails", "e1.fails", shown.append, None)
        assert outcome.status == "error"
        assert outcome.outputs[-1]["ename"] == "ZeroDivisionError"
        assert shown[-1].kind == "error"
        assert "1/0" in shown[-1].text
        adopted = await held.notebook.ran("fails", "e1.fails")
        assert adopted is not None
        assert adopted.status == "error"

    async def test_code_that_is_not_what_people_saw_does_not_run(self, held: Held) -> None:
        await held.set_source("hello", "print('mine')")
        with pytest.raises(StaleCells):
            await held.notebook.run("hello", "e1", lambda piece: None, None, CELLS[1].version)
        cell = await cell_of(held.notebook, "hello")
        assert (cell.outputs, cell.metadata) == ([], {})

    async def test_only_code_that_is_there_can_run(self, held: Held) -> None:
        with pytest.raises(CellNotFound):
            await held.notebook.run("gone", "e1", lambda piece: None, None)
        with pytest.raises(NotebookError):
            await held.notebook.run("first", "e1", lambda piece: None, None)
