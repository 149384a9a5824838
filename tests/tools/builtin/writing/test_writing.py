"""Files are written whole, as people saw it, below the root, and never where secrets or notebooks are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from msgspec.structs import replace

from jupyter_copilot.ports.files import FileRules
from jupyter_copilot.protocol.errors import ToolError

from ...bench import TOOLS, Bench, bench_of, code

LINES = "def rate(a, b):\n    return a / b\n"
EDIT = {"path": "lib/features.py", "old_text": "a / b", "new_text": "a / max(b, 1)"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "features.py").write_text(LINES)
    return tmp_path


@pytest.fixture
def bench(root: Path) -> Iterator[Bench]:
    made = bench_of([code("a", "x = 1")])
    made.root = str(root)
    yield made
    made.notebook.verify()


async def test_people_see_the_diff_and_the_file_is_written_so(bench: Bench, root: Path) -> None:
    proposal = await bench.propose("edit_file", **EDIT)
    assert proposal.preview.title == "Change `lib/features.py`" and proposal.preview.language == "diff"
    assert "-    return a / b\n+    return a / max(b, 1)\n" in (proposal.preview.code or "")
    assert proposal.dangers == ["writes"] and TOOLS.find("edit_file").effect == "execute"
    told = await bench.call("edit_file", **EDIT)
    assert told.text == "lib/features.py is written: 2 lines."
    assert (root / "lib" / "features.py").read_text() == "def rate(a, b):\n    return a / max(b, 1)\n"
    assert sorted(os.listdir(root / "lib")) == ["features.py"]


async def test_what_somebody_changed_meanwhile_stays(bench: Bench, root: Path) -> None:
    proposal = await bench.propose("edit_file", **EDIT)
    (root / "lib" / "features.py").write_text("changed by a person\n")
    with pytest.raises(ToolError, match="changed since it was read"):
        await TOOLS.find("edit_file").execute(EDIT, proposal, bench.context())
    assert (root / "lib" / "features.py").read_text() == "changed by a person\n"


async def test_a_call_builds_on_what_calls_before_it_will_write(bench: Bench) -> None:
    first = await bench.propose("edit_file", **EDIT)
    second = {"path": "lib/features.py", "old_text": "max(b, 1)", "new_text": "max(b, 2)"}
    context = replace(bench.context("m.r1.s1.a1.c2"), written_ahead=first.written)
    ahead = await TOOLS.find("edit_file").propose(second, context)
    assert "+    return a / max(b, 2)" in (ahead.preview.code or "")
    await bench.call("edit_file", **EDIT)
    now = await bench.propose("edit_file", call_id="m.r1.s1.a1.c2", **second)
    assert now.pinned == ahead.pinned, "so that what people approved is what is done"


async def test_modes_and_line_ends_stay(bench: Bench, root: Path) -> None:
    script = root / "run.sh"
    script.write_bytes(b"a\r\nb\r\n")
    script.chmod(0o750)
    await bench.call("edit_file", path="run.sh", old_text="b", new_text="c\nd")
    assert script.read_bytes() == b"a\r\nc\r\nd\r\n" and script.stat().st_mode & 0o777 == 0o750
    script.write_bytes(b"a\r\nb\nc\n")
    await bench.call("edit_file", path="run.sh", old_text="c", new_text="d")
    assert script.read_bytes() == b"a\r\nb\nd\n"


async def test_a_new_file_takes_the_place_of_none(bench: Bench, root: Path) -> None:
    args = {"path": "lib/new/deep.py", "text": "x = 1\n"}
    proposal = await bench.propose("create_file", **args)
    assert proposal.preview.title == "Create `lib/new/deep.py`" and "+x = 1" in (proposal.preview.code or "")
    (root / "lib" / "new").mkdir()
    (root / "lib" / "new" / "deep.py").write_text("mine")
    with pytest.raises(ToolError, match="is there already"):
        await TOOLS.find("create_file").execute(args, proposal, bench.context())
    assert (root / "lib" / "new" / "deep.py").read_text() == "mine"
    assert "There is a file lib/new/deep.py already." in str(await bench.refusal("create_file", **args))
    await bench.call("create_file", path="lib/other/a.py", text="")
    assert (root / "lib" / "other" / "a.py").read_text() == ""


async def test_another_notebook_is_one_that_jupyter_opens(bench: Bench, root: Path) -> None:
    cells: list[dict[str, Any]] = [{"source": "# Copy", "cell_type": "markdown"}, {"source": "x = 1\nx"}]
    await bench.call("create_notebook", path="sub/copy.ipynb", cells=cells)
    saved = nbformat.read(root / "sub" / "copy.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(saved)
    assert [(cell.cell_type, cell.source) for cell in saved.cells] == [("markdown", "# Copy"), ("code", "x = 1\nx")]
    assert saved.metadata.kernelspec.name == "python3"
    assert "Choose another name." in str(await bench.refusal("create_notebook", path="sub/copy.ipynb"))
    assert "ends in .ipynb" in str(await bench.refusal("create_notebook", path="x.py"))


@pytest.mark.parametrize(
    ("tool", "args", "told"),
    [
        ("create_file", {"path": "../outside.py"}, "outside of the folder"),
        ("create_file", {"path": "lib/../../outside.py"}, "outside of the folder"),
        ("create_file", {"path": "/etc/cron.d/x"}, "is written"),
        ("create_file", {"path": ".bashrc"}, "Hidden files"),
        ("create_file", {"path": "lib/.git/hooks/pre-commit"}, "Hidden files"),
        ("create_file", {"path": "id_rsa"}, "keys, passwords or tokens"),
        ("create_file", {"path": "away/x.py"}, "outside of the folder"),
        ("create_file", {"path": "runtime/x.json"}, "Jupyter's own settings"),
        ("create_file", {"path": "lib"}, "is a folder"),
        ("create_file", {"path": "lib/features.py/x"}, "is not a path"),
        ("create_file", {"path": "x\0y"}, "is not a path"),
        ("create_file", {"path": "new.ipynb"}, "Notebooks are not written as text."),
        ("edit_file", {"path": "nb.ipynb"}, "Notebooks are not written as text."),
        ("edit_file", {"path": "link.py"}, "outside of the folder"),
        ("edit_file", {"path": "nothing.py"}, "There is no file nothing.py."),
        ("edit_file", {"path": "binary.dat"}, "is no text"),
    ],
)
async def test_what_is_not_to_be_written_is_refused(
    bench: Bench, root: Path, tmp_path_factory: pytest.TempPathFactory, tool: str, args: dict[str, str], told: str
) -> None:
    away = tmp_path_factory.mktemp("away")
    (away / "target.py").write_text("x = 1\n")
    (root / "away").symlink_to(away)
    (root / "link.py").symlink_to(away / "target.py")
    (root / "runtime").mkdir()
    (root / "binary.dat").write_bytes(b"x = 1\0\xff")
    (root / "nb.ipynb").write_text(json.dumps({"cells": []}))
    bench.files = FileRules(closed=(str(root / "runtime"),))
    rest = {"text": "x"} if tool == "create_file" else {"old_text": "x = 1", "new_text": "x = 2"}
    if told == "is written":  # a path of Jupyter's begins at the root
        assert told in (await bench.call(tool, **args, **rest)).text and (root / "etc" / "cron.d" / "x").exists()
        return
    assert told in str(await bench.refusal(tool, **args, **rest))
    assert sorted(os.listdir(away)) == ["target.py"] and (away / "target.py").read_text() == "x = 1\n"


async def test_a_link_that_takes_the_place_of_the_file_is_not_followed(
    bench: Bench, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    target = tmp_path_factory.mktemp("away") / "target.py"
    target.write_text(LINES)
    proposal = await bench.propose("edit_file", **EDIT)
    (root / "lib" / "features.py").unlink()
    (root / "lib" / "features.py").symlink_to(target)
    with pytest.raises(ToolError, match="outside of the folder"):
        await TOOLS.find("edit_file").execute(EDIT, proposal, bench.context())
    assert target.read_text() == LINES


@pytest.mark.parametrize("old", ["nowhere", "a"])
async def test_a_text_that_is_not_one_place_is_told_without_the_whole_file(bench: Bench, old: str) -> None:
    refused = str(await bench.refusal("edit_file", path="lib/features.py", old_text=old, new_text="z"))
    assert "does not occur in lib/features.py" in refused or "matches" in refused
    assert refused.endswith("Call read_file to see how it reads.")
