"""Imports only go down the layers; a `TYPE_CHECKING` import counts as one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import jupyter_copilot

PACKAGE = Path(jupyter_copilot.__file__).parent

LAYERS: dict[str, int] = {
    # L0 vocabulary
    "errors": 0, "protocol": 0,
    # L1 pure core
    "state": 1, "apply": 1, "decide": 1, "policy": 1, "digest": 1, "forms": 1, "merge": 1, "transcript": 1,
    "prompt": 1, "quoting": 1, "transcribe": 1, "wellformed": 1, "client.pauses": 1,
    # L2 ports
    "clock": 2, "eventlog.base": 2, "notebook.base": 2, "model.base": 2, "tools.base": 2,
    # L3 engine
    "outbox": 3, "presence": 3, "tabs": 3, "tail": 3, "rate": 3, "room": 3, "rooms": 3, "session": 3, "export": 3,
    "agent": 3, "tools": 3, "client.core": 3,
    # L4 adapters
    "eventlog": 4, "notebook": 4, "model": 4, "client": 4,
    # L5 edge
    "server": 5, "cli": 5, "demo": 5,
    # side
    "kernel": 5, "testing": 6,
}  # fmt: skip
"""Each module's layer, by its longest name that stands here."""

ALLOWED_UP: set[tuple[str, str]] = {
    ("agent", "model.prefix"),
}
"""Pure helpers that live beside an adapter."""

TORNADO = {"server", "cli", "kernel", "notebook", "client", "demo", "testing", "model"}
"""Where Tornado, traitlets and Jupyter's own packages may be imported; elsewhere they are the subject of no module."""


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        if name not in ("__init__", "") and "labextension" not in name:
            found[name] = path
    return found


def layer(name: str) -> int:
    while name:
        if name in LAYERS:
            return LAYERS[name]
        name = name.rpartition(".")[0]
    raise AssertionError("no layer")


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


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_only_go_down(name: str) -> None:
    for target in imports(name, modules()[name]):
        up = layer(target) > layer(name)
        allowed = any(name.startswith(a) and target.startswith(b) for a, b in ALLOWED_UP)
        assert not up or allowed, f"{name} (L{layer(name)}) imports {target} (L{layer(target)})"
        if not name.startswith("testing"):
            assert not target.startswith("testing"), f"{name} imports a fake"
        if name.startswith("kernel"):
            assert layer(target) <= 1 or target.startswith(("client", "kernel", "clock")), f"{name} imports {target}"


@pytest.mark.parametrize("name", sorted(modules()))
def test_frameworks_stay_at_the_edge(name: str) -> None:
    if name.split(".")[0] in TORNADO:
        return
    for node in ast.walk(ast.parse(modules()[name].read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.append(node.module)
        for imported in names:
            assert imported.split(".")[0] not in {"tornado", "traitlets", "jupyter_server", "ipywidgets"}, imported


def test_the_check_sees_an_import_that_goes_up(tmp_path: Path) -> None:
    path = tmp_path / "state.py"
    path.write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .room import Room\n")
    assert imports("state", path) == {"room"}
    assert layer("room") > layer("state")
