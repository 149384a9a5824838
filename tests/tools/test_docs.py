"""The documentation of tools is true: its examples run, and its table is the registry's."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from jupyter_copilot.tools.builtin.front_end import front_end_tools
from jupyter_copilot.tools.registry import GROUP, ToolRegistry, built_in_tools, earlier_tools

from .bench import Bench

DOCS = Path(__file__).parents[2] / "docs" / "tools.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def my_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my_tools.py").write_text(blocks("python")[0])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_tools", raising=False)
    return tmp_path


async def test_the_documented_plugin_comes_in_and_works(my_tools: Path, bench: Bench) -> None:
    (declared,) = blocks("toml")
    assert f'[project.entry-points."{GROUP}"]' in declared
    points = [EntryPoint(name, value, GROUP) for name, value in re.findall(r'^(\w+) = "(.+)"$', declared, re.MULTILINE)]
    registry = ToolRegistry(built_in_tools())
    registry.load_plugins(points)
    assert registry.problems == []
    assert (registry.find("find_station").effect, registry.find("send_report").effect) == ("read", "execute")
    properties = registry.find("find_station").parameters["properties"]
    assert properties["city"]["description"] == "The city's name in English."
    assert properties["limit"] == {"type": "integer", "default": 3, "description": "How many at most"}
    assert list(registry.find("send_report").parameters["properties"]) == ["text"]
    assert "Berlin-Tempelhof" in (await bench.call(registry.find("find_station"), city="Berlin")).text


def test_the_documented_trial_runs(my_tools: Path) -> None:
    script = blocks("python")[1]
    done = subprocess.run([sys.executable, "-c", script], cwd=my_tools, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_documented_table_is_the_registrys() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\| (\w+) \|$", DOCS.read_text(), re.MULTILINE)
    found = [(name, [each for each in re.split(r"[, ]+", args) if each], effect) for name, args, effect in rows]
    expected = []
    for tool in [*built_in_tools(), *earlier_tools(), *front_end_tools()]:
        required = tool.parameters.get("required", [])
        names = [name if name in required else f"{name}?" for name in tool.parameters.get("properties", {})]
        expected.append((tool.name, names, tool.effect))
    assert found == expected
