"""A bench on which one tool at a time is tried, on a notebook in memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import pytest

from jupyter_copilot.ports.files import FileRules
from jupyter_copilot.ports.notebook import Cell, Notebook
from jupyter_copilot.ports.tool import Perform, Proposal, Tool, ToolContext, no_tab
from jupyter_copilot.protocol import CallId, CallResult, Output, PlanEntry
from jupyter_copilot.protocol.errors import CopilotError
from jupyter_copilot.testing import FakeNotebook, ScriptedRun
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools
from tests.builders import ALICE

TOOLS = ToolRegistry(built_in_tools(), earlier=earlier_tools())


def code(cell_id: str, source: str, *outputs: dict[str, Any]) -> Cell:
    return Cell(cell_id=cell_id, cell_type="code", source=source, outputs=list(outputs))


def markdown(cell_id: str, source: str) -> Cell:
    return Cell(cell_id=cell_id, cell_type="markdown", source=source)


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def result(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def png(name: str = "", width: int = 1, height: int = 1) -> str:
    """The beginning of a PNG as base64; what follows after it tells one from another."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + size + name.encode()).decode()


def picture(data: str = png()) -> dict[str, Any]:
    bundle = {"image/png": data, "text/plain": "<Figure size 640x480>"}
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def failure(*traceback: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": list(traceback)}


class Bench:
    """Three code cells below a heading, and what it takes to call a tool on them."""

    def __init__(self, notebook: FakeNotebook, root: str = "") -> None:
        self.notebook = notebook
        self.root = root
        self.path = ""
        self.files = FileRules()
        self.emitted: list[Output] = []
        self.timeout_s: float | None = None
        self.perform: Perform = no_tab
        self.plans: list[list[PlanEntry]] = []

    def context(self, call_id: str = "m.r1.s1.a1.c1", notebook: Notebook | None = None) -> ToolContext:
        return ToolContext(
            notebook=notebook or self.notebook,
            call_id=CallId(call_id),
            exec_id=call_id,
            asked_by=ALICE,
            emit=self.emitted.append,
            root=self.root,
            files=self.files,
            path=self.path,
            timeout_s=self.timeout_s,
            perform=self.perform,
            show_plan=self._show_plan,
        )

    async def _show_plan(self, entries: list[PlanEntry]) -> None:
        self.plans.append(entries)

    async def propose(self, tool: str | Tool, call_id: str = "m.r1.s1.a1.c1", **args: Any) -> Proposal:
        return await _tool(tool).propose(args, self.context(call_id))

    async def call(self, tool: str | Tool, call_id: str = "m.r1.s1.a1.c1", **args: Any) -> CallResult:
        """Propose, and at once do it."""
        context = self.context(call_id)
        proposal = await _tool(tool).propose(args, context)
        return await _tool(tool).execute(args, proposal, context)

    async def probe(self, tool: str, call_id: str = "m.r1.s1.a1.c1", **args: Any) -> CallResult | None:
        return await _tool(tool).probe(args, self.context(call_id))

    async def refusal(self, tool: str | Tool, **args: Any) -> CopilotError:
        """The error that the model is told; the notebook must be untouched."""
        before = (list(self.notebook.cells), list(self.notebook.operations))
        with pytest.raises(CopilotError) as caught:
            await self.call(tool, **args)
        assert (self.notebook.cells, self.notebook.operations) == before
        return caught.value

    def version(self, cell_id: str) -> str:
        return self.cell(cell_id).version

    def cell(self, cell_id: str) -> Cell:
        return next(cell for cell in self.notebook.cells if cell.cell_id == cell_id)

    @property
    def order(self) -> list[str]:
        return [cell.cell_id for cell in self.notebook.cells]

    def script(self, *runs: ScriptedRun) -> None:
        self.notebook = FakeNotebook(self.notebook.cells, runs=runs)


def _tool(tool: str | Tool) -> Tool:
    return TOOLS.find(tool) if isinstance(tool, str) else tool


def bench_of(cells: Iterable[Cell], runs: Iterable[ScriptedRun] = ()) -> Bench:
    return Bench(FakeNotebook(cells, runs=runs))
