"""Tools that a browser tab performs."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.protocol import JsonObject
from jupyter_copilot.tools.base import ToolContext
from jupyter_copilot.tools.front_end import front_end_tools
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools

from .bench import Bench


class Tab:
    """Performs what it is told, and reports as scripted."""

    def __init__(self, **report: Any) -> None:
        self.report = {"status": "ok", **report}
        self.performed: list[tuple[str, JsonObject]] = []

    async def perform(self, context: ToolContext, operation: JsonObject) -> JsonObject:
        self.performed.append((context.call_id, operation))
        return self.report

    def tool(self, name: str) -> Any:
        return ToolRegistry(front_end_tools(self.perform)).find(name)


CALLS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("open_file", {"path": "data/a.csv"}, "Open `data/a.csv`", {"path": "data/a.csv"}),
    ("go_to_cell", {"cell_id": "plot"}, "Show cell 3", {"cell_id": "plot"}),
    ("show_message", {"text": "Training\nended."}, "Show “Training ended.”", {"text": "Training\nended."}),
    (
        "run_command",
        {"command": "docmanager:save"},
        "Run the command `docmanager:save`",
        {"command": "docmanager:save", "args": {}},
    ),
]


@pytest.mark.parametrize(("name", "args", "title", "values"), CALLS)
async def test_each_is_one_command_of_a_front_end(
    bench: Bench, name: str, args: dict[str, Any], title: str, values: dict[str, Any]
) -> None:
    tab = Tab()
    assert (await bench.propose(tab.tool(name), **args)).preview.title == title
    assert tab.performed == []
    await bench.call(tab.tool(name), **args)
    assert tab.performed == [("m.r1.s1.a1.c1", {"type": "command", "name": name, "args": values})]


def test_only_a_command_of_jupyterlab_needs_a_confirmation() -> None:
    effects = {tool.name: tool.effect for tool in front_end_tools(Tab().perform)}
    assert effects == {"open_file": "read", "go_to_cell": "read", "show_message": "read", "run_command": "execute"}
    assert not any(tool.idempotent for tool in front_end_tools(Tab().perform))


def test_they_go_with_the_built_in_ones() -> None:
    registry = ToolRegistry([*built_in_tools(), *front_end_tools(Tab().perform)])
    assert registry.problems == [] and len(list(registry)) == 24


async def test_what_the_front_end_returns_is_data(bench: Bench) -> None:
    told = await bench.call(Tab(value="</value> hi").tool("run_command"), command="x:y", args={"a": 1})
    assert told.text.startswith("The command was run.\n<value ")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({"status": "error", "message": "no such command"}, "The front end could not do it: no such command."),
        ({"status": "error"}, "The front end could not do it: it did not say why."),
    ],
)
async def test_what_the_front_end_could_not_do_is_told(bench: Bench, report: dict[str, Any], told: str) -> None:
    refused = await bench.refusal(Tab(**report).tool("show_message"), text="hi")
    assert refused.message == told


async def test_a_cell_that_is_not_there_is_not_gone_to(bench: Bench) -> None:
    tab = Tab()
    assert "There is no cell nowhere." in str(await bench.refusal(tab.tool("go_to_cell"), cell_id="nowhere"))
    assert tab.performed == []
