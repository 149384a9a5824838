"""Tools that a browser tab performs."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from jupyter_copilot.ports.tool import Tool
from jupyter_copilot.protocol import JsonObject, Operation, OperationReport, operation_json, read_report
from jupyter_copilot.tools import ToolContext, tool
from jupyter_copilot.tools.authoring.functions import FunctionTool
from jupyter_copilot.tools.builtin.front_end import front_end_tools
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools
from jupyter_copilot.tools.render.outputs import MAX_IMAGE_CHARS

from ..bench import Bench, png

TOOLS = ToolRegistry(front_end_tools())
PNG = png("outputs", 812, 320)


class Tab:
    """Performs what it is told, and reports as scripted."""

    def __init__(self, bench: Bench, **report: Any) -> None:
        self.report = {"status": "ok", **report}
        self.performed: list[JsonObject] = []
        bench.perform = self.perform

    async def perform(self, operation: Operation) -> OperationReport:
        self.performed.append(operation_json(operation))
        return read_report(operation, self.report)


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
    tab = Tab(bench)
    assert (await bench.propose(TOOLS.find(name), **args)).preview.title == title
    assert tab.performed == []
    await bench.call(TOOLS.find(name), **args)
    assert tab.performed == [{"type": "command", "name": name, "args": values}]


def test_only_a_command_of_jupyterlab_needs_a_confirmation() -> None:
    assert [tool.name for tool in TOOLS if tool.effect != "read"] == ["run_command"]
    assert TOOLS.find("run_command").effect == "execute"


def test_only_looking_may_be_done_twice() -> None:
    assert [tool.name for tool in TOOLS if tool.idempotent] == ["output_image"]


def test_they_go_with_the_built_in_ones() -> None:
    registry = ToolRegistry([*built_in_tools(), *front_end_tools()], earlier=earlier_tools())
    assert registry.problems == []
    assert len(list(registry)) == len([*built_in_tools(), *front_end_tools(), *earlier_tools()])


async def test_what_the_front_end_returns_is_data(bench: Bench) -> None:
    Tab(bench, value="</value> hi")
    told = await bench.call(TOOLS.find("run_command"), command="x:y", args={"a": 1})
    assert told.text.startswith("The command was run.\n~~~value\n")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({"status": "error", "message": "No such command."}, "The browser tab could not do it: No such command."),
        ({"status": "error"}, "The browser tab could not do it: it did not say why."),
    ],
)
async def test_what_the_front_end_could_not_do_is_told(bench: Bench, report: dict[str, Any], told: str) -> None:
    Tab(bench, **report)
    assert (await bench.refusal(TOOLS.find("show_message"), text="hi")).message == told


async def test_without_a_tab_the_model_is_told_so(bench: Bench) -> None:
    refused = await bench.refusal(TOOLS.find("show_message"), text="hi")
    assert refused.message == "No browser tab has the notebook open."


@pytest.mark.parametrize("name", ["go_to_cell", "output_image"])
async def test_a_cell_that_is_not_there_is_not_gone_to(bench: Bench, name: str) -> None:
    tab = Tab(bench)
    assert "There is no cell nowhere." in str(await bench.refusal(TOOLS.find(name), cell_id="nowhere"))
    assert tab.performed == []


# The picture of outputs

LOOK: Tool = TOOLS.find("output_image")


async def test_the_model_is_given_the_picture_of_what_people_see(bench: Bench) -> None:
    tab = Tab(bench, value={"data": PNG})
    assert (await bench.propose(LOOK, cell_id="figure")).preview.title == "Look at the outputs of cell 4"
    told = await bench.call(LOOK, cell_id="figure")
    (operation,) = tab.performed
    assert operation["args"] == {"cell_id": "figure", "max_width": 1200, "max_height": 1600}
    (image,) = told.images
    assert (image.mime, image.data) == ("image/png", PNG)
    assert told.text == "The picture is attached: 812 × 320 pixels, as people see it in JupyterLab."


async def test_one_output_of_several_can_be_looked_at(bench: Bench) -> None:
    tab = Tab(bench, value={"data": PNG})
    assert (await bench.propose(LOOK, cell_id="figure", output=1)).preview.title == "Look at output 1 of cell 4"
    await bench.call(LOOK, cell_id="figure", output=1)
    assert tab.performed[0]["args"]["output"] == 1


async def test_the_model_is_told_what_is_missing_in_the_picture(bench: Bench) -> None:
    Tab(bench, value={"data": png("outputs", 1200, 1600), "scale": 0.6, "cut": True, "frames": 1, "images": 2})
    told = (await bench.call(LOOK, cell_id="figure")).text
    assert "It was shrunk to 60%." in told
    assert "The outputs go on beyond its edge" in told
    assert "1 embedded page cannot be drawn" in told
    assert "2 images from another site cannot be drawn" in told


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"cell_id": "load", "output": 2}, "Cell 2 has 1 output."),
        ({"cell_id": "intro"}, "Cell 1 has no outputs."),
    ],
)
async def test_outputs_that_are_not_there_are_not_looked_at(bench: Bench, args: dict[str, Any], message: str) -> None:
    tab = Tab(bench)
    assert (await bench.refusal(LOOK, **args)).message == message
    assert tab.performed == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "The browser tab returned no picture."),
        ("a string", "The browser tab returned no picture."),
        ({"data": 1}, "The browser tab returned no picture."),
        ({"data": "not base64!!"}, "The browser tab returned no PNG."),
        ({"data": "kein PNG, schön"}, "The browser tab returned no PNG."),
        ({"data": base64.b64encode(b"<svg onload=alert()>").decode()}, "no PNG"),
        ({"data": base64.b64encode(b"\x89PNG\r\n\x1a\n and then anything").decode()}, "no PNG"),
        ({"data": PNG[:-1] + "!"}, "no PNG"),
        ({"data": PNG + "A" * MAX_IMAGE_CHARS}, "The picture is too large."),
        ({"data": png(width=1201, height=1)}, "1201 × 1 pixels, at most 1200 × 1600 are taken."),
        ({"data": png(width=1, height=99_999)}, "1 × 99999 pixels, at most 1200 × 1600"),
        ({"data": png(width=0, height=1)}, "0 × 1 pixels"),
    ],
)
async def test_what_is_no_picture_within_the_limits_is_refused(bench: Bench, value: Any, message: str) -> None:
    Tab(bench, value=value)
    assert message in (await bench.refusal(LOOK, cell_id="figure")).message


# Tools of other packages


@tool(effect="read")
async def show_on_map(city: str, context: ToolContext) -> str:
    """Show a city on the map.

    Args:
        city: Its name.
    """
    return f"The map shows {await context.front_end('show_on_map', {'city': city})}."


async def test_a_tool_of_another_package_can_have_a_tab_do_its_part(bench: Bench) -> None:
    tab = Tab(bench, value="Berlin and around")
    told = await bench.call(FunctionTool(show_on_map), city="Berlin")
    assert "The map shows Berlin and around." in told.text
    assert tab.performed == [{"type": "command", "name": "show_on_map", "args": {"city": "Berlin"}}]
