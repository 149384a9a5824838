"""A stage for the demo model: the real tools on a notebook whose cells really run, and people who decide."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from jupyter_copilot.agent.copilot.notebook_context import whole
from jupyter_copilot.demo.brain import answer
from jupyter_copilot.demo.conversation import read_conversation
from jupyter_copilot.demo.outcome import Call
from jupyter_copilot.demo.script import ScriptStep
from jupyter_copilot.ports.notebook import Cell, OnOutput, RunOutcome
from jupyter_copilot.ports.tool import Tool, ToolContext
from jupyter_copilot.protocol import Actor, CallId, JsonObject
from jupyter_copilot.protocol.errors import CopilotError
from jupyter_copilot.testing import FakeNotebook
from jupyter_copilot.tools.builtin.asking import AskUserTool
from jupyter_copilot.tools.builtin.editing import EditCellTool, EditNotebookTool
from jupyter_copilot.tools.builtin.files import ListFilesTool
from jupyter_copilot.tools.builtin.inspecting import InspectVariablesTool, InspectVariableTool
from jupyter_copilot.tools.builtin.reading import ReadCellTool, ReadNotebookTool
from jupyter_copilot.tools.builtin.running import EditAndRunTool, InsertAndRunTool, RunCellsTool, RunCellTool

TOOLS: list[Tool] = [
    ReadNotebookTool(),
    ReadCellTool(),
    InspectVariablesTool(),
    InspectVariableTool(),
    ListFilesTool(),
    EditCellTool(),
    EditNotebookTool(),
    RunCellTool(),
    RunCellsTool(),
    InsertAndRunTool(),
    EditAndRunTool(),
    AskUserTool(),
]
Decide = Callable[[Call], str | None]
"""What the model is told instead of a result; None lets the call be done."""


class RunningNotebook(FakeNotebook):
    """A notebook in memory whose code runs in this process, with real tracebacks and real variables."""

    def __init__(self, cells: list[Cell]) -> None:
        super().__init__(cells)
        self.shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
        # As `reset` does, without its garbage collection, which takes longer than most tests.
        self.shell.user_ns.clear()
        self.shell.user_ns.update(vars(ModuleType("__main__")))
        self.shell.init_user_ns()
        self.started = False

    async def run(
        self, cell_id: str, exec_id: str, on_output: OnOutput, timeout_s: float | None, expected: str | None = None
    ) -> RunOutcome:
        """Run it at once."""
        self.started = True
        cell = self._cell(cell_id)
        outputs = self._execute(cell.source)
        status: Literal["error", "ok"] = (
            "error" if any(output["output_type"] == "error" for output in outputs) else "ok"
        )
        self._mark(cell_id, exec_id, status, outputs)
        return RunOutcome(cell_id=cell_id, status=status, outputs=outputs, execution_count=1)

    async def evaluate(self, code: str, timeout_s: float) -> str:
        """What the code prints; there is no kernel before the first run."""
        if not self.started:
            return await super().evaluate(code, timeout_s)
        with capture_output(display=False) as captured:
            exec(code, self.shell.user_global_ns)
        return str(captured.stdout)

    def _execute(self, source: str) -> list[dict[str, Any]]:
        shown: list[list[str]] = []
        vars(self.shell)["_showtraceback"] = lambda kind, value, lines: shown.append(lines)
        with capture_output() as captured:
            result = self.shell.run_cell(source, store_history=False)
        outputs: list[dict[str, Any]] = []
        if captured.stdout and result.result is None:
            outputs.append({"output_type": "stream", "name": "stdout", "text": captured.stdout})
        if result.result is not None:
            data = {"text/plain": repr(result.result)}
            outputs.append({"output_type": "execute_result", "data": data, "metadata": {}})
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            lines = [line for each in shown for line in each]
            name = type(error).__name__
            outputs.append({"output_type": "error", "ename": name, "evalue": str(error), "traceback": lines})
        return outputs


class Stage:
    """A conversation with the demo model about a notebook; `said` are its steps, the last one without calls."""

    def __init__(self, *sources: str, root: str = "", markdown: str | None = "# Penguins") -> None:
        title = [] if markdown is None else [Cell(cell_id="title", cell_type="markdown", source=markdown)]
        code = [Cell(cell_id=f"code-{n}", cell_type="code", source=source) for n, source in enumerate(sources, 1)]
        self.notebook = RunningNotebook(title + code)
        self.root = root
        self.messages: list[JsonObject] = [{"role": "system", "content": "You are Copilot."}]
        self.said: list[ScriptStep] = []
        self._told: dict[str, str] = {}
        self.decide: Decide = lambda call: None
        self.before: Callable[[Call], None] = lambda call: None

    async def run_all(self) -> Stage:
        """Run every code cell, as a person would."""
        for cell in list(self.notebook.cells):
            if cell.cell_type == "code":
                await self.notebook.run(cell.cell_id, "by-hand", lambda output: None, None)
        return self

    async def ask(self, text: str, context: str = "") -> str:
        """Say something, and follow the model to its last word, which is returned."""
        view = whole(self.notebook.cells, 10_000)
        self._told |= {cell.cell_id: cell.version for cell in self.notebook.cells}
        self.messages.append({"role": "user", "content": "\n\n".join(filter(None, [view, context, f"Alice: {text}"]))})
        for _ in range(12):
            step = self.next_step()
            self.said.append(step)
            if not step.calls:
                self.messages.append({"role": "assistant", "content": step.text})
                return step.text
            await self._do(step)
        raise AssertionError("the model does not come to an end")

    def next_step(self) -> ScriptStep:
        """What the model says to the messages so far."""
        tools = [{"type": "function", "function": {"name": tool.name}} for tool in TOOLS]
        return answer(read_conversation(self.messages, tools))

    @property
    def called(self) -> list[list[str]]:
        """The names of the tools called, step by step."""
        return [[call.name for call in step.calls] for step in self.said if step.calls]

    def call(self, name: str) -> Call:
        """The last call of this tool."""
        return [call for step in self.said for call in step.calls if call.name == name][-1]

    def source(self, number: int) -> str:
        """The source of a cell as it is now, counting from 1."""
        return self.notebook.cells[number - 1].source

    async def _do(self, step: ScriptStep) -> None:
        wire = [
            {"id": f"c{len(self.messages)}.{n}", "type": "function", "function": _function(call)}
            for n, call in enumerate(step.calls)
        ]
        self.messages.append({"role": "assistant", "content": step.text or None, "tool_calls": wire})
        for made, call in zip(wire, step.calls, strict=True):
            self.before(call)
            text = self.decide(call) or await self._execute(call, str(made["id"]))
            self.messages.append({"role": "tool", "tool_call_id": made["id"], "content": text})

    async def _execute(self, call: Call, call_id: str) -> str:
        tool = next(tool for tool in TOOLS if tool.name == call.name)
        context = ToolContext(
            notebook=self.notebook,
            call_id=CallId(call_id),
            exec_id=call_id,
            asked_by=Actor(kind="person", id="alice", name="Alice"),
            emit=lambda output: None,
            root=self.root,
            told=dict(self._told),
        )
        try:
            proposal = await tool.propose(call.args, context)
            result = await tool.execute(call.args, proposal, context)
            self._told |= {cell_id: each.version for cell_id, each in result.told.items() if each.version}
        except CopilotError as error:
            return f"This failed.\n{error}"
        return result.text


def _function(call: Call) -> JsonObject:
    return {"name": call.name, "arguments": json.dumps(call.args)}
