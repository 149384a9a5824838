"""Imports only go down the layers, which are the folders; a `TYPE_CHECKING` import counts as one."""

from __future__ import annotations

import ast
import functools
import re
import sys
from pathlib import Path

import pytest

import jupyter_copilot

PACKAGE = Path(jupyter_copilot.__file__).parent

LAYERS: dict[str, int] = {
    "protocol": 0,
    "core": 1,
    "ports": 2,
    "room": 3, "agent": 3, "tools": 3,
    "storage": 4, "notebooks": 4, "models": 4, "client": 4,
    "server": 5, "cli": 5,
    # side
    "kernel": 5, "demo": 5, "testing": 6,
}  # fmt: skip
"""Each folder's layer."""

SIDES: dict[str, set[str]] = {
    "kernel": {"protocol", "core", "ports", "client", "kernel"},
    "client": {"protocol", "core", "ports", "client"},
}
"""Folders that run where the rest of the package is not wanted, and all that they may import of it."""

JUPYTER = {"tornado", "traitlets", "jupyter_core", "jupyter_client", "jupyter_server"}
YDOC = {"jupyter_server_ydoc", "jupyter_ydoc"}
THIRD_PARTY: dict[str, set[str]] = {
    "protocol": {"msgspec", "typing_extensions"},
    "core": {"msgspec", "typing_extensions", "jsonschema", "IPython"},
    "ports": {"msgspec", "typing_extensions"},
    "room": {"msgspec", "typing_extensions"},
    "agent": {"msgspec", "typing_extensions"},
    "tools": {"msgspec", "typing_extensions", "jsonschema", "jupyter_core", "tornado", "PIL"},
    "storage": {"msgspec", "typing_extensions", "jupyter_core", "asyncpg"},
    "notebooks": {
        "msgspec",
        "typing_extensions",
        "jupyter_server_ydoc",
        "jupyter_ydoc",
        "pycrdt",
        *JUPYTER,
    },
    "models": {"msgspec", "typing_extensions", "openai", "httpx2", "anyio", *JUPYTER},
    "client": {"msgspec", "typing_extensions", "tornado"},
    "server": {"msgspec", "typing_extensions", "prometheus_client", "jupyterhub", *JUPYTER},
    "cli": {"msgspec", "typing_extensions", *JUPYTER},
    "kernel": {"msgspec", "typing_extensions", "IPython", "ipywidgets", "traitlets", "tornado"},
    "demo": {
        "msgspec",
        "typing_extensions",
        "tornado",
        "jupyter_core",
        "jupyter_server",
        "jupyterlab",
        "jupyterlab_server",
    },
    "testing": {"msgspec", "typing_extensions", "tornado"},
}
"""The packages of others that each folder may import."""

ROOT = "server.compose"
"""The composition root: it alone names what stands behind a port."""
ADAPTERS = ["agent.copilot.agent", "models.openai", "notebooks.picker", "storage.sqlite", "storage.postgres"]
"""Modules and folders that stand behind ports; outside of themselves only the root imports them."""
BY_ENTRY_POINT = {"storage.postgres"}
"""Those that not even the root imports: an installation names them in its entry points."""

MOST_MODULES = 20
"""How many modules the eye takes in at once."""
MOST_LINES = 400
"""Of a module."""
MOST_LINES_OF_FUNCTION = 60
LISTS = {"protocol.events"}
"""Modules that are one list of small definitions, however long."""


@functools.cache
def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        if "labextension" not in name:
            found[name] = path
    return found


def folder(name: str) -> str:
    return name.split(".")[0]


def imports(name: str, path: Path) -> set[str]:
    """The modules of the package that a module imports, absolute within the package."""
    known = modules()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        parts = package.split(".") if package else []
        base = parts[: len(parts) - node.level + 1]
        target = ".".join([*base, *(node.module.split(".") if node.module else [])])
        for alias in node.names:
            inner = f"{target}.{alias.name}" if target else alias.name
            found.add(inner if inner in known else target)
    return {one for one in found if one}


def imports_of_others(path: Path) -> set[str]:
    """The packages of others that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"jupyter_copilot"}


IN_FOLDERS = sorted(name for name, path in modules().items() if path.parent != PACKAGE)


def test_the_root_holds_entry_points_alone() -> None:
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "_version.py"}
    assert {folder(name) for name in IN_FOLDERS} == set(LAYERS)


@pytest.mark.parametrize("name", IN_FOLDERS)
def test_imports_only_go_down(name: str) -> None:
    own = folder(name)
    for target in imports(name, modules()[name]) - {"_version"}:
        other = folder(target)
        assert LAYERS[other] <= LAYERS[own], f"{name} (L{LAYERS[own]}) imports {target} (L{LAYERS[other]})"
        assert other in SIDES.get(own, LAYERS), f"{name} imports {target}"
        assert own == "testing" or other != "testing", f"{name} imports a fake"


@pytest.mark.parametrize("name", IN_FOLDERS)
def test_a_folder_imports_the_packages_that_it_may(name: str) -> None:
    assert imports_of_others(modules()[name]) <= THIRD_PARTY[folder(name)], name


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_only_the_composition_root_names_an_adapter(adapter: str) -> None:
    within = f"{adapter}."
    users = {
        name
        for name in IN_FOLDERS
        for target in imports(name, modules()[name])
        if f"{target}.".startswith(within) and not f"{name}.".startswith(within)
    }
    named = {name for name in users if folder(name) != "testing"}
    assert named == (set() if adapter in BY_ENTRY_POINT else {ROOT})


def test_no_folder_is_more_than_the_eye_takes_in() -> None:
    for own in [PACKAGE, *PACKAGE.rglob("*/")]:
        found = [path for path in own.glob("*.py") if path.name != "__init__.py"]
        assert len(found) <= MOST_MODULES or "demo" in own.parts, f"{own.name}: {len(found)} modules"


@pytest.mark.parametrize("name", IN_FOLDERS)
def test_modules_and_functions_stay_small(name: str) -> None:
    text = modules()[name].read_text()
    assert name in LISTS or len(text.splitlines()) <= MOST_LINES, f"{name}: {len(text.splitlines())} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MOST_LINES_OF_FUNCTION, f"{name}.{node.name}: {lines} lines"


def test_the_architecture_page_names_each_folder_in_its_layer() -> None:
    page = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text()
    rows = re.findall(r"(?m)^\| (?:L(\d)|side) .*?\| (.*?) \|", page)
    told = {own: level for level, text in rows for own in re.findall(r"`(\w+)/`", text)}
    assert told.keys() == LAYERS.keys()
    assert all(level in ("", str(LAYERS[own])) for own, level in told.items())


def test_test_modules_stay_small() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in Path(__file__).parent.rglob("*.py")}
    assert not {path.name: lines for path, lines in lengths.items() if lines > MOST_LINES}


def test_the_check_sees_an_import_that_goes_up(tmp_path: Path) -> None:
    path = tmp_path / "state.py"
    path.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..room.room import Room\n")
    assert imports("core.state", path) == {"room.room"}
    assert LAYERS["room"] > LAYERS["core"]
