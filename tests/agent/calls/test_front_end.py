"""Calls that a browser tab performs: exactly one tab, replaced before it began, in doubt after."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.calls.front_end import RoomFrontEnd
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.notebooks.front_end import FrontEndNotebook
from jupyter_copilot.ports.notebook import Cell, Notebook, version_of
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing import Answer, FakeNotebook
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.running import RunCellsTool

from ...builders import ALICE
from ..stage import Stage, cell, real_tools
from ..tab import Tab

CALL = "m1.r1.s1.a1.c1"
EDIT = call("edit_cell", cell_id="a", expected_version=version_of("x = 1"), source="x = 2")
RUN = call("run_cell", cell_id="a")
CELLS = [cell("a", "x = 1")]


class InTabs:
    """The notebook is wherever a tab has it open."""

    def __init__(self, room: Room) -> None:
        self._front_end = RoomFrontEnd(room, RunSettings())
        self._kernel: Any = SimpleNamespace(path="one.ipynb")

    async def open(self, call_id: str | None = None, prefer: str | None = None, right: p.Right = "write") -> Notebook:
        return FrontEndNotebook(self._front_end, FakeNotebook(CELLS), self._kernel, call_id, prefer, right=right)


async def _begun(stage: Stage, *names: str, cells: list[Cell] = CELLS) -> list[Tab]:
    """Open tabs, ask, and approve the call."""
    tabs = [Tab(stage.room, name, cells) for name in names]
    for tab in tabs:
        tab.open()
    await stage.post(by=ALICE)
    await stage.asked(f"{CALL}.q")
    await stage.decide(f"{CALL}.q")
    return tabs


async def test_exactly_one_of_several_tabs_performs_an_edit() -> None:
    async with Stage(Answer(calls=[EDIT]), "Done.", notebooks=InTabs) as stage:
        tabs = await _begun(stage, "tab-1", "tab-2", "tab-3")
        performed = await asyncio.gather(*(tab.perform(CALL) for tab in tabs))
        await stage.over()
        done = stage.state.calls[CALL]
        winner = tabs[performed.index(True)]
    assert sorted(performed) == [False, False, True]
    assert winner.cells[0].source == "x = 2"
    assert isinstance(done, s.CallDone) and (done.adapter, done.is_error) == ("front_end", False)


async def test_the_tab_that_asked_is_preferred() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-alice")
        claim = await tab.offered(CALL)
        assert claim.prefer == "tab-alice"
        assert await tab.perform(CALL)
        await stage.over()
        assert "from the tab" in stage.results()[0]


async def test_a_tab_that_dies_before_it_begins_is_replaced_under_a_higher_fence() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        dead, alive = await _begun(stage, "tab-1", "tab-2")
        claim = await dead.offered(CALL)
        assert await dead.claim(CALL, claim.fence)
        dead.close()
        await asyncio.sleep(0)
        stage.manual.advance(11)
        assert (await alive.offered(CALL, fence=claim.fence + 1)).fence == 2
        assert await alive.perform(CALL)
        await stage.over()
        with pytest.raises(Rejected):
            await dead.start(CALL, claim.fence)
    assert (dead.performed, alive.performed) == ([], ["run"])


async def test_a_tab_that_dies_after_it_began_leaves_the_call_in_doubt_and_nobody_else_does_it() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        dead, alive = await _begun(stage, "tab-1", "tab-2")
        claim = await dead.offered(CALL)
        await dead.claim(CALL, claim.fence)
        await dead.start(CALL, claim.fence)
        dead.close()
        await asyncio.sleep(0)
        stage.manual.advance(11)
        await stage.asked(f"{CALL}.again")
        assert isinstance(stage.state.calls[CALL], s.CallDoubtful)
        assert alive.performed == []
        await stage.decide(f"{CALL}.again", "leave")
        await stage.over()


async def test_a_tab_that_renews_its_claim_has_all_the_time_that_a_cell_takes() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        await tab.claim(CALL, claim.fence)
        for _ in range(10):
            await tab.start(CALL, claim.fence)
            await asyncio.sleep(0)
            stage.manual.advance(9)
        await tab.report(CALL, claim.fence, status="ok", outputs=[], execution_count=1)
        assert not (await stage.settled(CALL)).is_error
        await stage.over()


async def test_a_call_that_no_tab_takes_fails_and_the_model_is_told() -> None:
    async with Stage(Answer(calls=[EDIT]), "Pity.", notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        await tab.offered(CALL)
        for fence in (1, 2, 3):
            await tab.offered(CALL, fence=fence)
            await asyncio.sleep(0)
            stage.manual.advance(11)
        await stage.over()
        assert "No browser tab" in stage.results()[0]


async def test_stop_while_a_tab_runs_a_cell_tells_it_to_interrupt() -> None:
    async with Stage(Answer(calls=[RUN]), notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        await tab.claim(CALL, claim.fence)
        await tab.start(CALL, claim.fence)
        interrupts: list[p.CallOffered] = []
        stage.room.listen(lambda rs: interrupts.extend(r.event for r in rs if isinstance(r.event, p.CallOffered)))
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")))
        done = await stage.settled(CALL)
    assert [(offer.operation["type"], offer.prefer) for offer in interrupts] == [("interrupt", "tab-1")]
    assert "stopped this" in done.result.text


async def test_stop_before_a_tab_began_withdraws_the_offer() -> None:
    async with Stage(Answer(calls=[RUN]), notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        await stage.do(p.CancelRun(run_id=p.RunId("m1.r1")))
        await stage.settled(CALL)
        assert not await tab.claim(CALL, claim.fence)
        assert "CallLapsed" in stage.kinds()


async def test_a_stale_cell_in_the_tab_is_told_to_the_model() -> None:
    async with Stage(Answer(calls=[EDIT]), "Again.", notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        await tab.claim(CALL, claim.fence)
        await tab.start(CALL, claim.fence)
        await tab.report(CALL, claim.fence, status="stale", cells={"a": "other"})
        await stage.over()
        assert "This failed." in stage.results()[0] and "Changed since it was read: a." in stage.results()[0]


async def test_a_tab_that_went_on_while_the_server_restarted_is_waited_for_and_its_work_adopted() -> None:
    async with Stage(Answer(calls=[RUN]), notebooks=InTabs) as first:
        (tab,) = await _begun(first, "tab-1")
        claim = await tab.offered(CALL)
        await tab.claim(CALL, claim.fence)
        await tab.start(CALL, claim.fence)
        left = list(first.records)
    async with Stage("Done.", notebooks=InTabs, before=left, owner="second") as second:
        tab.room = second.room
        tab.open()
        assert isinstance(second.state.calls[CALL], s.CallRunning)
        await tab.report(CALL, claim.fence, **tab._perform(claim.operation))
        await second.over()
        assert "from the tab" in second.results()[0]
        assert tab.performed == ["run"]


async def test_an_offer_that_no_tab_began_before_the_server_died_is_made_again() -> None:
    async with Stage(Answer(calls=[RUN]), notebooks=InTabs) as first:
        (tab,) = await _begun(first, "tab-1")
        claim = await tab.offered(CALL)
        left = list(first.records)
    async with Stage("Done.", notebooks=InTabs, before=left, owner="second") as second:
        tab.room = second.room
        tab.open()
        await second.until(lambda state: getattr(state.runs["m1.r1"], "starts", 0) == 2)
        while not any(0 < left_s <= 10 for left_s in second.manual.sleeping()):
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.manual.advance(11)
        assert (await tab.offered(CALL, fence=claim.fence + 1)).operation == claim.operation
        assert await tab.perform(CALL)
        await second.over()
        assert "from the tab" in second.results()[0] and "CallInDoubt" not in second.kinds()


async def test_a_tab_that_begins_in_the_last_moment_is_waited_for() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        assert await tab.claim(CALL, claim.fence)
        tab.close()
        await asyncio.sleep(0)
        stage.manual.advance(11)
        await tab.start(CALL, claim.fence)
        tab.open()
        await tab.report(CALL, claim.fence, **tab._perform(claim.operation))
        await stage.over()
        assert "from the tab" in stage.results()[0]


@pytest.mark.parametrize("report", [{"status": "?"}, {"status": "ok", "code": "?"}, {"status": "ok", "outputs": 1}])
async def test_a_report_that_cannot_be_read_leaves_the_call_in_doubt(report: dict[str, Any]) -> None:
    async with Stage(Answer(calls=[RUN]), notebooks=InTabs) as stage:
        (tab,) = await _begun(stage, "tab-1")
        claim = await tab.offered(CALL)
        assert await tab.claim(CALL, claim.fence)
        await tab.start(CALL, claim.fence)
        await tab.report(CALL, claim.fence, **report)
        await stage.until(lambda state: isinstance(state.calls[CALL], s.CallDoubtful))
        assert "cannot be read" in stage.state.calls[CALL].message  # type: ignore[union-attr]


async def test_after_a_first_operation_a_crash_never_begins_the_call_anew() -> None:
    calls = [call("run_cells", cell_ids=["a", "b"])]
    cells = [*CELLS, cell("b", "y = 1")]
    tools = real_tools(RunCellsTool())
    async with Stage(Answer(calls=calls), notebooks=InTabs, tools=tools) as first:
        (tab,) = await _begun(first, "tab-1", cells=cells)
        assert await tab.perform(CALL)
        second_offer = await tab.offered(CALL, fence=2)
        assert second_offer.operation["cell_id"] == "b"
        left = list(first.records)
    async with Stage("Hm.", notebooks=InTabs, tools=tools, before=left, owner="second") as second:
        tab.room = second.room
        tab.open()
        await second.until(lambda state: getattr(state.runs["m1.r1"], "starts", 0) == 2)
        for _ in range(20):
            await asyncio.sleep(0)
        second.manual.advance(11)
        await second.asked(f"{CALL}.again")
        assert tab.performed == ["run"]
        await second.decide(f"{CALL}.again", "leave")
        await second.over()


async def test_the_card_says_where_a_cell_is_not_the_same_as_in_the_tab_that_it_was_read_from() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        Tab(stage.room, "tab-alice", [cell("a", "forged")]).open()
        Tab(stage.room, "tab-2", [cell("a", "x")]).open()
        await stage.post(by=ALICE)
        await stage.asked(f"{CALL}.q")
        asked = stage.state.confirmations[f"{CALL}.q"]
        assert asked.body == "Cell 1 is not the same in the saved file and in another open tab."
        await stage.decide(f"{CALL}.q", "deny")
        await stage.over()


async def test_nothing_is_said_of_a_cell_that_is_the_same_everywhere() -> None:
    async with Stage(Answer(calls=[RUN]), "Done.", notebooks=InTabs) as stage:
        for name in ("tab-alice", "tab-2"):
            Tab(stage.room, name, CELLS).open()
        await stage.post(by=ALICE)
        await stage.asked(f"{CALL}.q")
        assert stage.state.confirmations[f"{CALL}.q"].body == ""
        await stage.decide(f"{CALL}.q", "deny")
        await stage.over()
