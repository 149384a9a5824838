"""What is imported is declared: by the package, by its extras, and by the extra that runs the tests."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN = "jupyter-collaborative-copilot"
BY_EXTRA = {
    "rtc": {"jupyter_server_ydoc", "jupyter_ydoc", "pycrdt"},
    "lab": {"jupyterlab", "jupyterlab_server"},
    "pictures": {"PIL"},
    "postgres": {"asyncpg"},
    "hub": {"jupyterhub"},
}
"""The modules that the package imports only where an extra is installed."""
NOT_IMPORTED = {
    # Not for this version of Python.
    "tomli",
    # What Jupyter, pip and pytest find by themselves, what notebooks import, and what is run as a program.
    "jupyter-collaboration", "ipykernel", "matplotlib", "pandas", "bash-kernel", "calysto-scheme",
    "notebook", "editables", "hatchling", "hatch-jupyter-builder", "jupyter-builder", "furo", "myst-parser", "sphinx",
    "pytest-cov", "pytest-jupyter", "pytest-timeout", "pytest-xdist", "mcp-server-git", "mcp-server-time",
    # The demo, which a clone has in its tree.
    "jupyter-collaborative-copilot-demo",
    "jupyterlab", "jupyterlab-server", "mypy", "pre-commit", "ruff", "types-jsonschema",
}  # fmt: skip
"""Declared without an import of ours."""
PEERS = {"jupyterlab_chat"}
"""What benchmarks compare us with, in an environment of its own."""


def imported(folder: str) -> set[str]:
    """The third-party modules that the Python files below a folder import, wherever in the file."""
    files = (ROOT / folder).rglob("*.py")
    names = {name for file in files for name in modules(ast.parse(file.read_text(encoding="utf-8")))}
    own = {"jupyter_copilot", "tests", "benchmarks", "scripts", *(path.stem for path in (ROOT / "scripts").iterdir())}
    return names - set(sys.stdlib_module_names) - own


def modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def declared(extra: str = "") -> set[str]:
    """The distributions that are required with an extra, those of the extras that it names included."""
    found: set[str] = set()
    for requirement in metadata.requires(OWN) or []:
        name = normal(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
        needed_by = re.search(r"""extra == ['"](\w+)['"]""", requirement)
        if (needed_by[1] if needed_by else "") != extra:
            continue
        extras = re.search(r"\[(.+?)\]", requirement)
        if name != OWN:
            found.add(name)
        elif extras:
            found = found.union(*(declared(other) for other in extras[1].split(",")))
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def provided(distribution: str) -> set[str]:
    """The modules that an installed distribution brings. (Python 3.10's packages_distributions misses most of them.)"""
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return set()  # not for this machine
    return {file.parts[0].partition(".")[0] for file in files}


def undeclared(names: set[str], allowed: set[str]) -> set[str]:
    return names - {module for distribution in allowed for module in provided(distribution)}


def test_the_package_needs_only_what_it_declares() -> None:
    assert undeclared(imported("jupyter_copilot"), declared()) == set.union(*BY_EXTRA.values())


@pytest.mark.parametrize("extra", ["", "rtc", "lab", "demo", "docs", "test", "dev"])
def test_what_is_declared_is_used(extra: str) -> None:
    for_developers = ["tests", "benchmarks", "scripts"] if extra in ("docs", "test", "dev") else []
    folders = ["jupyter_copilot", *for_developers]
    used = set[str]().union(*map(imported, folders))
    unused = {each for each in own_of(extra) if not provided(each) & used}
    assert unused <= NOT_IMPORTED, "Declared, and neither imported nor one of those that need not be."


def own_of(extra: str) -> set[str]:
    """What an extra declares beside the extras that it names."""
    named = {"lab": ["rtc"], "test": ["lab", "docs"], "dev": ["test"]}.get(extra, [])
    return declared(extra) - set[str]().union(*map(declared, named))


@pytest.mark.parametrize("extra", BY_EXTRA)
def test_an_extra_brings_what_is_imported_with_it(extra: str) -> None:
    assert undeclared(BY_EXTRA[extra], declared(extra)) == set()


@pytest.mark.parametrize(("folder", "extra"), [("tests", "test"), ("benchmarks", "test"), ("scripts", "dev")])
def test_tests_and_scripts_need_only_what_their_extra_declares(folder: str, extra: str) -> None:
    assert undeclared(imported(folder) - PEERS, declared() | declared(extra)) == set()
