"""Packages are installed where the kernel finds them; nothing but names of packages is."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot.notebooks.ipynb import with_cells
from jupyter_copilot.notebooks.picker import NotebookPicker
from jupyter_copilot.protocol.errors import NotebookError, ToolError
from jupyter_copilot.testing import FakeNotebook
from tests.notebooks.conftest import EMPTY, NoTab

from ...bench import TOOLS, Bench, code

PREPARE = """\
import os, sys
os.environ.update(PIP_NO_INDEX="1", PIP_FIND_LINKS={shelf!r}, PIP_TARGET={target!r}, PIP_UPGRADE="1")
sys.path.insert(0, {target!r})"""
FOUND = {"prefix": "/env", "version": "3.12.1", "installer": ["/env/bin/python", "-m", "pip", "install"]}


def wheel(shelf: Path, version: str) -> None:
    """A package of one module, as an index would have it."""
    info = f"tiny_shelf-{version}.dist-info"
    with zipfile.ZipFile(shelf / f"tiny_shelf-{version}-py3-none-any.whl", "w") as file:
        file.writestr("tiny_shelf.py", f"version = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-shelf\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "tiny_shelf.py,,\n")


@pytest.mark.slow
async def test_a_package_is_there_for_the_kernel_afterwards(jp_serverapp: Any, tmp_path: Path) -> None:
    shelf, target = tmp_path / "shelf", tmp_path / "target"
    shelf.mkdir()
    wheel(shelf, "1.0")
    file = Path(jp_serverapp.root_dir) / "nb.ipynb"
    file.write_text(json.dumps(with_cells(EMPTY, [code("a", PREPARE.format(shelf=str(shelf), target=str(target)))])))
    live = Bench(await NotebookPicker(jp_serverapp, NoTab(), lambda: file.name).open())  # type: ignore[arg-type]
    await live.call("run_cells", cell_ids=["a"])
    prefix = (await live.call("evaluate", code="sys.prefix")).text.split("\n")[1].strip("'")

    proposal = await live.propose("install_packages", packages=["tiny-shelf==1.0"], call_id="c1")
    assert proposal.preview.title.startswith("Install `tiny-shelf==1.0` into `") and prefix[:60] in str(proposal)
    assert "-m pip install" in (proposal.preview.code or "") and proposal.dangers == ["installs", "network"]
    assert not target.exists(), "nothing happens before people agree"

    told = await live.call("install_packages", packages=["tiny-shelf == 1.0"], call_id="c1")
    assert told.text.startswith("Installed.\n~~~output\n") and "Successfully installed tiny-shelf-1.0" in told.text
    assert "1.0" in (await live.call("evaluate", code="import tiny_shelf; tiny_shelf.version")).text

    wheel(shelf, "2.0")
    again = await live.call("install_packages", packages=["tiny-shelf>1"], call_id="c2")
    assert "Already imported in an older version: tiny-shelf. A restart" in again.text
    with pytest.raises(ToolError, match="It could not be installed"):
        await live.call("install_packages", packages=["no-such-thing"], call_id="c3")


@pytest.mark.parametrize(
    "package",
    [
        "-r x.txt", "--index-url=http://evil", "git+https://x/y", "./local", "/tmp/a", "a @ https://x/y.whl", "a;b",
        "a b", "", "a.whl/..", "$(id)", "a\n--pre",
        "evil-1.0-py3-none-any.whl", "evil.tar.gz", "evil.ZIP", "evil.tgz[extra]", "evil==1.0.zip",
    ],
)  # fmt: skip
async def test_only_names_of_packages_are_taken(bench: Bench, package: str) -> None:
    assert "is not the name of a package" in str(await bench.refusal("install_packages", packages=[package]))


def bench_with(*answers: dict[str, Any]) -> Bench:
    return Bench(FakeNotebook([code("a", "1")], evaluations=[f"said\x1e{json.dumps(each)}\x1e" for each in answers]))


async def test_the_kernel_is_asked_once_however_often_the_open_card_is_looked_at() -> None:
    bench = bench_with(FOUND)
    shown = [await bench.propose("install_packages", packages=["polars", "duckdb>=1,<2"], call_id="x") for _ in "123"]
    assert shown[0] == shown[2] and shown[0].pinned == {"kernel:environment": "/env"}
    assert shown[0].preview.title == "Install `polars`, `duckdb>=1,<2` into `/env` (Python 3.12.1)"
    assert shown[0].preview.code == "/env/bin/python -m pip install polars 'duckdb>=1,<2'"
    bench.notebook.verify()


async def test_an_environment_without_an_installer_is_left_alone() -> None:
    bench = bench_with({**FOUND, "installer": []})
    with pytest.raises(ToolError, match="has neither pip nor uv"):
        await bench.call("install_packages", packages=["polars"])


async def test_without_a_python_kernel_nothing_is_installed(bench: Bench) -> None:
    with pytest.raises(NotebookError, match="no running kernel"):
        await bench.call("install_packages", packages=["polars"])
    bench.notebook.info = replace(bench.notebook.info, language="R")
    assert "language is R" in str(await bench.refusal("install_packages", packages=["polars"]))
    assert TOOLS.find("install_packages").effect == "execute"
