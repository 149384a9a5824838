"""A rewind on every real way to a notebook: what agents and people changed goes back, outputs too, and comes again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from traitlets.config import Config

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.calls.front_end import RoomFrontEnd
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.notebooks.changes import apply_changes
from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.ports.notebook import Cell, Change, DeleteCell, SetSource
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ..agent.stage import Stage
from ..agent.tab import Tab
from ..builders import BOB
from .conftest import EMPTY, PATH
from .contract import CELLS

FIRST, HELLO, FAILS = CELLS
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "kept"}
BEFORE = [FIRST, HELLO, replace(FAILS, outputs=[OUTPUT], execution_count=7)]
CHANGES = Answer(
    calls=[
        call("edit_cell", cell_id="hello", expected_version=HELLO.version, source="print('hi')"),
        call("insert_cell", after="hello", source="added = 1"),
    ]
)
BY_HAND: list[Change] = [
    SetSource(cell_id="first", expected=FIRST.version, source="# Bob's own"),
    DeleteCell(cell_id="fails", expected=FAILS.version),
]


@pytest.fixture(params=["contents", "live_document", "front_end"])
def way(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def jp_server_config(jp_server_config: Config, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)  # rooms that the server creates keep their store there, whatever is configured
    jp_server_config.YDocExtension.disable_rtc = way != "live_document"
    return jp_server_config


@pytest.fixture
def file(file: Path) -> Path:
    """The notebook's file, of which one cell has run."""
    file.write_text(json.dumps(with_cells(EMPTY, BEFORE), indent=1) + "\n")
    return file


def told(cells: list[Cell]) -> list[tuple[Any, ...]]:
    """What people see of cells; a text of an output may be kept in lines or in one piece."""
    return [(c.source, c.cell_type, c.execution_count, "kept" in str(c.outputs)) for c in cells]


async def test_what_agents_and_people_changed_goes_back_and_comes_again(way: str, serverapp: Any) -> None:
    pickers: list[NotebookPicker] = []

    def picked(room: Any) -> NotebookPicker:
        pickers.append(NotebookPicker(serverapp, RoomFrontEnd(room, RunSettings()), lambda: PATH))
        return pickers[-1]

    async with Stage(CHANGES, "Done.", notebooks=picked) as stage:
        tab = Tab(stage.room, "tab", BEFORE)
        if way == "front_end":
            tab.open()

        async def read() -> list[Cell]:
            return tab.cells if way == "front_end" else await (await pickers[0].open()).read()

        async def accept(call_id: str) -> None:
            await stage.asked(f"{call_id}.q")
            await stage.decide(f"{call_id}.q")
            if way == "front_end":
                assert await tab.perform(call_id)
            await stage.settled(call_id)

        async def rewind(to: str, name: str) -> str:
            """What its card says."""
            await stage.do(p.Rewind(message_id=p.MessageId(name), to=p.MessageId(to)), by=BOB)
            await accept(f"{name}.r1.s1.a1.c1")
            await stage.over(f"{name}.r1")
            return stage.state.confirmations[f"{name}.r1.s1.a1.c1.q"].body

        await stage.post()
        await accept("m1.r1.s1.a1.c1")
        await accept("m1.r1.s1.a1.c2")
        await stage.over()
        if way == "front_end":
            tab.cells = apply_changes(tab.cells, BY_HAND, "by-hand")
        else:
            await (await pickers[0].open()).apply(BY_HAND, "by-hand")
        changed = told(await read())
        assert [source for source, *_ in changed] == ["# Bob's own", "print('hi')", "added = 1"]

        card = await rewind("m1", "back")
        assert "what was changed for Alice" in card and "people changed cell 1 themselves" in card
        assert told(await read()) == told(BEFORE)
        assert stage.state.runs["back.r1"].asked_by == BOB

        await rewind("back", "forth")
        assert told(await read()) == changed
    assert {call.adapter for call in stage.state.calls.values() if hasattr(call, "adapter")} == {way}
