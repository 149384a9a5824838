"""A room with its driver, a scripted model, a notebook in memory and the real tools, for one test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any

from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.agent import CopilotAgent
from jupyter_copilot.agent.driver import Driver
from jupyter_copilot.agent.guest.agent import GuestAgent
from jupyter_copilot.agent.registry import Agents
from jupyter_copilot.agent.rewind.agent import RewindAgent
from jupyter_copilot.agent.run_context import RunContext
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.core.budgets import Budget, Price
from jupyter_copilot.core.permissions.house import House, ToolKind
from jupyter_copilot.ports.agent import Agent
from jupyter_copilot.ports.clock import Clock
from jupyter_copilot.ports.model import ModelClient
from jupyter_copilot.ports.notebook import Cell, Notebooks
from jupyter_copilot.ports.store import Store
from jupyter_copilot.ports.tool import Tool, kind_of
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.room.options import RoomOptions
from jupyter_copilot.room.room import Room
from jupyter_copilot.testing import Answer, FakeNotebook, FakeNotebooks, ManualClock, ScriptedModel, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.tools.builtin.editing import EditCellTool, InsertCellTool
from jupyter_copilot.tools.builtin.reading import ReadCellTool, ReadNotebookTool
from jupyter_copilot.tools.builtin.running import RunCellTool

from ..builders import ALICE, ALL
from ..patience import scaled

PATIENCE_S = scaled(10.0)
ROOM = p.RoomId("room")


class Tools:
    """These tools, in this order."""

    def __init__(self, *tools: Tool) -> None:
        self._tools = {tool.name: tool for tool in tools}

    def get(self, name: str) -> Tool | None:
        return self._tools.get(name)

    def kinds(self) -> dict[str, ToolKind]:
        return {name: kind_of(tool) for name, tool in self._tools.items()}

    def definitions(self) -> list[p.JsonObject]:
        return [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": t.parameters},
            }
            for t in self._tools.values()
        ]


def real_tools(*more: Tool) -> Tools:
    return Tools(ReadNotebookTool(), ReadCellTool(), EditCellTool(), InsertCellTool(), RunCellTool(), *more)


def cell(cell_id: str, source: str = "", **fields: Any) -> Cell:
    return Cell(cell_id=cell_id, cell_type="code", source=source, **fields)


class Stage:
    """Enter it to start the driver; leaving it checks that the model and the notebook were used as scripted."""

    def __init__(
        self,
        *answers: Answer | str,
        cells: Iterable[Cell] = (),
        runs: Iterable[ScriptedRun] = (),
        tools: Tools | None = None,
        settings: RunSettings | None = None,
        log: Store | None = None,
        clock: Clock | None = None,
        model: ModelClient | None = None,
        notebooks: Callable[[Room], Notebooks] | None = None,
        owner: str = "first",
        before: Iterable[p.Record] = (),
        tick_s: float = 0.0,
        agents: Iterable[Agent[RunContext]] = (),
    ) -> None:
        self.clock = clock or ManualClock()
        self.log = log or MemoryEventLog(clock=self.clock)
        self.model = ScriptedModel(answers)
        self.notebook = FakeNotebook(cells, runs=runs)
        self._real_model = model
        self._notebooks = notebooks
        self._tools = tools or real_tools()
        # Where time stands still no tick would pass.
        self._settings = replace(settings or RunSettings(), tick_s=tick_s)
        self._owner = owner
        self._agents = list(agents)
        self._before = list(before)
        self._commands = 0
        self.terms = p.Terms()
        self.patience_s = PATIENCE_S
        self.budgets: list[Budget] = []
        self.prices: dict[str, Price] = {}

    async def __aenter__(self) -> Stage:
        if self._before:
            # The process that left these records held the first fence.
            fence = await self.log.acquire(f"runs/{ROOM}", "dead", 1)
            assert fence is not None and fence.number == 1
            await self.log.release(fence, "dead")
        for record in self._before:
            assert not isinstance(record.event, p.UnknownEvent)
            head = await self.log.open_room(ROOM)
            await self.log.append(ROOM, head.seq, [record.event], actor=record.actor, at=record.at)
        options = RoomOptions(house=self._house)
        self.room = await load_room(ROOM, "one.ipynb", self.log, self.clock, options)
        self.records: list[p.Record] = []
        self.room.listen(self.records.extend)
        notebooks = self._notebooks(self.room) if self._notebooks else FakeNotebooks(self.notebook)
        model = self._real_model or self.model
        agents = Agents([CopilotAgent(model), *self._agents], guest=GuestAgent(), rewind=RewindAgent())
        self.driver = Driver(
            self.room, self.log, agents, notebooks, self._tools, self.clock, self._settings, self._owner
        )  # fmt: skip
        await self.driver.start()
        return self

    def _house(self, path: str) -> House:
        return House(
            terms=self.terms, tools=self._tools.kinds(), path=path, budgets=self.budgets, prices=self.prices
        )  # fmt: skip

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.driver.stop()
        await self.room.close()
        if kind is None:
            self.model.verify()
            self.notebook.verify()

    @property
    def state(self) -> s.RoomState:
        return self.room.state

    @property
    def manual(self) -> ManualClock:
        assert isinstance(self.clock, ManualClock)
        return self.clock

    @property
    def events(self) -> list[p.Event | p.UnknownEvent]:
        return [record.event for record in self.records]

    def kinds(self) -> list[str]:
        """The names of the events so far, deltas left out."""
        quiet = (p.TextDelta, p.ReasoningDelta, p.CallOutput)
        return [type(event).__name__ for event in self.events if not isinstance(event, quiet)]

    async def do(self, command: p.Command, by: p.Actor = ALICE) -> int:
        self._commands += 1
        command_id = p.CommandId(f"{self._owner}.{self._commands}")
        return await self.room.submit(command, by, ALL, command_id)

    async def post(self, text: str = "hello", message_id: str = "m1", by: p.Actor = ALICE, **fields: Any) -> p.RunId:
        await self.do(p.PostMessage(message_id=p.MessageId(message_id), text=text, **fields), by)
        return p.RunId(f"{message_id}.r1")

    async def decide(
        self, confirmation_id: str, option: str = p.APPROVE, by: p.Actor = ALICE, **fields: Any
    ) -> None:  # fmt: skip
        opened = self.state.confirmations[confirmation_id]
        await self.do(
            p.Decide(
                confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=option, **fields
            ),
            by,
        )  # fmt: skip

    def approval(self, call_id: str, option: str = p.APPROVE, **fields: Any) -> p.Decide:
        """A decision about a call, as it is shown now."""
        opened = self.state.confirmations[f"{call_id}.q"]
        return p.Decide(
            confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option=option, **fields
        )  # fmt: skip

    async def until(self, predicate: Callable[[s.RoomState], bool]) -> None:
        try:
            await asyncio.wait_for(self.room.wait(predicate), self.patience_s)
        except asyncio.TimeoutError:
            raise AssertionError(f"did not come about; so far: {self.kinds()}") from None

    async def asked(self, *confirmation_ids: str) -> None:
        """Wait until these confirmations are open."""
        await self.until(lambda state: all(_is_open(state, each) for each in confirmation_ids))

    async def over(self, run_id: str = "m1.r1") -> s.Finished:
        """Wait until the run is over."""
        await self.until(lambda state: isinstance(state.runs.get(run_id), s.Finished))
        run = self.state.runs[run_id]
        assert isinstance(run, s.Finished)
        return run

    async def idle(self) -> None:
        """Wait until the driver has given its lease back."""
        while (fence := await self.log.acquire(f"runs/{ROOM}", "test", 1)) is None:
            await asyncio.sleep(0)
        await self.log.release(fence, "test")

    async def settled(self, call_id: str) -> s.CallDone:
        """Wait until the call is finished."""
        await self.until(lambda state: isinstance(state.calls.get(call_id), s.CallDone))
        call = self.state.calls[call_id]
        assert isinstance(call, s.CallDone)
        return call

    def told(self, request: int = -1) -> list[p.JsonObject]:
        """The messages of a request, without the instructions."""
        return self.model.requests[request].messages[1:]

    def results(self, request: int = -1) -> list[str]:
        """What the model was told of calls."""
        return [str(message["content"]) for message in self.told(request) if message["role"] == "tool"]


def _is_open(state: s.RoomState, confirmation_id: str) -> bool:
    return isinstance(state.confirmations.get(confirmation_id), s.Open)


def operations(notebook: FakeNotebook, *names: str) -> Sequence[str]:
    """What was done to the notebook, of these kinds."""
    return [operation.name for operation in notebook.operations if operation.name in names]
