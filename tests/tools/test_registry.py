"""The registry: plug-ins come in, broken ones stay out, and nothing else suffers."""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from jupyter_copilot.ports.tool import Tool
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.tools.authoring.functions import FunctionTool
from jupyter_copilot.tools.registry import GROUP, ToolRegistry, built_in_tools, earlier_tools


def today() -> str:
    """Say what day it is."""
    return "Sunday"


def tomorrow() -> str:
    """Say what day comes."""
    return "Monday"


class Broken(FunctionTool):
    """A tool that lacks something."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(today)
        for name, value in attributes.items():
            setattr(self, name, value)


class Whole(FunctionTool):
    """A tool class without arguments."""

    def __init__(self) -> None:
        super().__init__(tomorrow)


def several() -> Sequence[Tool]:
    return [FunctionTool(today), Whole()]


def exploding() -> list[Tool]:
    raise RuntimeError("no licence")


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    module = types.ModuleType("some_plugin")
    monkeypatch.setitem(sys.modules, "some_plugin", module)
    return module


def loaded(plugin: types.ModuleType, *values: Any) -> ToolRegistry:
    points = []
    for number, value in enumerate(values):
        setattr(plugin, f"value_{number}", value)
        points.append(EntryPoint(f"plugin_{number}", f"some_plugin:value_{number}", GROUP))
    registry = ToolRegistry(built_in_tools())
    registry.load_plugins(points)
    return registry


def added(registry: ToolRegistry) -> list[str]:
    return [tool.name for tool in registry][len(built_in_tools()) :]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (today, ["today"]),
        (FunctionTool(today), ["today"]),
        (Whole, ["tomorrow"]),
        (several, ["today", "tomorrow"]),
        ([today, Whole], ["today", "tomorrow"]),
    ],
    ids=["function", "tool", "class", "factory", "list"],
)
def test_a_plugin_may_be_any_of_these(plugin: types.ModuleType, value: Any, names: list[str]) -> None:
    registry = loaded(plugin, value)
    assert added(registry) == names and registry.problems == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (3, "TypeError: 3 is neither a tool nor a function."),
        (lambda: 1, "TypeError: It has no docstring"),
        (exploding, "RuntimeError: no licence"),
        (Broken(name="with space"), "its name must be 1 to 64 letters, digits, _ or -"),
        (Broken(description=" "), "it has no description"),
        (Broken(effect="destroy"), "its effect must be one of read, edit, execute"),
        (Broken(parameters={"type": "string"}), "its parameters are no JSON Schema of an object"),
        (Broken(probe=None, name="read_cell"), "there is a tool with this name already"),
    ],
    ids=["no tool", "no docstring", "exploding", "name", "description", "effect", "parameters", "taken"],
)
def test_a_broken_plugin_is_reported_and_the_others_come_in(
    plugin: types.ModuleType, value: Any, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry = loaded(plugin, value, tomorrow)
    assert added(registry) == ["tomorrow"]
    (problem,) = registry.problems
    assert told in problem.message and problem.code == "tool_plugin" and problem.hint
    assert told in caplog.text


@pytest.mark.parametrize("failure", ["import nowhere_at_all", "raise SystemExit(3)", "1 / 0", "def broken(:"])
def test_a_plugin_that_cannot_be_imported_is_reported(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    (tmp_path / "failing_plugin.py").write_text(failure)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "failing_plugin", raising=False)
    registry = ToolRegistry(built_in_tools())
    registry.load_plugins([EntryPoint("failing", "failing_plugin:tool", GROUP)])
    assert added(registry) == []
    assert "The tool plug-in 'failing' of a package cannot be used" in registry.problems[0].message


def test_an_incomplete_tool_is_named() -> None:
    class Half:
        name, description, effect, parameters = "half", "Half.", "read", {"type": "object"}

        def propose(self) -> None: ...

    registry = ToolRegistry([Half()])  # type: ignore[list-item]
    assert registry.problems[0].message == "The tool 'half' cannot be used: it has no execute."


def test_plugins_come_after_the_built_in_tools_in_an_order_that_stays(plugin: types.ModuleType) -> None:
    plugin.b, plugin.a = today, tomorrow  # type: ignore[attr-defined]
    points = [EntryPoint("b", "some_plugin:b", GROUP), EntryPoint("a", "some_plugin:a", GROUP)]
    registry, reversed_ = ToolRegistry(built_in_tools()), ToolRegistry(built_in_tools())
    registry.load_plugins(points)
    reversed_.load_plugins(points[::-1])
    assert registry.definitions() == reversed_.definitions()
    assert added(registry) == ["tomorrow", "today"]


def test_installed_entry_points_are_found() -> None:
    registry = ToolRegistry(built_in_tools())
    registry.load_plugins()
    assert registry.problems == []


def test_a_tool_is_got_by_name() -> None:
    registry = ToolRegistry(built_in_tools())
    assert registry.get("read_cell") is registry.find("read_cell")
    assert registry.get("nothing") is None


def test_models_are_not_told_of_earlier_tools_and_calls_of_them_work() -> None:
    registry = ToolRegistry(built_in_tools(), earlier=earlier_tools())
    assert registry.find("edit_cell").name == "edit_cell" and "edit_cell" in registry.kinds()
    told = [definition["function"]["name"] for definition in registry.definitions()]
    assert told == [tool.name for tool in built_in_tools()]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("read_cel", "There is no tool 'read_cel'. Did you mean read_cell"),
        ("zzz", "There is no tool 'zzz'. There are: read_notebook, read_cell,"),
    ],
)
def test_an_unknown_tool_is_told_with_those_that_were_meant(name: str, told: str) -> None:
    with pytest.raises(ToolError) as caught:
        ToolRegistry(built_in_tools()).find(name)
    assert str(caught.value).startswith(told) and caught.value.code == "unknown_tool"
