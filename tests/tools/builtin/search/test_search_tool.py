"""Lines are found in sources, in outputs, and in the files that Jupyter shows, and in no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_copilot.testing import FakeNotebook
from jupyter_copilot.tools.builtin.search import search_tool, texts_of_files
from tests.notebooks.conftest import EMPTY

from ...bench import Bench, bench_of, code, failure, markdown, result, stream


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root = tmp_path / "root"
    (root / "lib" / "__pycache__").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (root / "lib" / "rates.py").write_text("import os\n\ndef Rate(a):\n    return a\n")
    (root / "lib" / "__pycache__" / "rate.txt").write_text("rate")
    (root / ".hidden" / "a.py").write_text("rate")
    (root / ".env").write_text("rate=1")
    (root / "key.pem").write_text("rate")
    (root / "notes.md").write_text("The rate is new.\n~~~\n")
    (root / "picture.png").write_bytes(b"\x89PNG\0rate")
    cells = [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": "rate = 3", "outputs": [], "execution_count": 1}
    ]
    (root / "other.ipynb").write_text(json.dumps({**EMPTY, "cells": cells}))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.py").write_text("rate")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "again").symlink_to(root / "lib")
    return Bench(FakeNotebook(), str(root))


async def test_lines_are_told_by_file_with_their_numbers(bench: Bench) -> None:
    text = (await bench.call("search", query="RATE", where="*")).text
    assert "again/rates.py:\n~~~lines\n3: def Rate(a):\n~~~" in text, "a folder is searched once, whatever leads to it"
    assert "lib/rates.py" not in text and "notes.md:\n~~~lines\n1: The rate is new.\n~~~" in text
    assert "other.ipynb:\n~~~lines\n2: rate = 3\n~~~" in text
    for closed in ("hidden", ".env", "key.pem", "picture", "__pycache__", "out/"):
        assert closed not in text


@pytest.mark.parametrize("files", ["*.py", "again", "again/*", "again/rates.py", "/again/", "./again"])
async def test_some_files_only(bench: Bench, files: str) -> None:
    text = (await bench.call("search", query=r"^def \w+", where=files, regex=True)).text
    assert text == "again/rates.py:\n~~~lines\n3: def Rate(a):\n~~~"
    assert (await bench.call("search", query="rate", where="*.r")).text == "Nothing in 0 files matches."


async def test_what_could_not_be_searched_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts_of_files, "MAX_FILES", 1)
    monkeypatch.setattr(search_tool, "MAX_MATCHES", 0)
    text = (await bench.call("search", query="rate", where="*")).text
    assert "There are more files than could be searched" in text and "1 more lines match" in text


async def test_sources_and_outputs_are_told_under_their_cells() -> None:
    cells = [
        markdown("m", "# Rates"),
        code("a", "rate = 3\nprint(rate)", stream("the rate is\n3\n")),
        code("b", "x", result("rate: 4")),
    ]
    bench = bench_of([*cells, code("c", "y", failure("Traceback", "KeyError: 'rate'"))])
    sources = (await bench.call("search", query="RATE")).text
    assert "~~~cells\n1: # Rates\n~~~" in sources and "~~~cells\n1: rate = 3\n2: print(rate)\n~~~" in sources
    outputs = (await bench.call("search", query="rate", where="outputs")).text
    assert "1: the rate is\n~~~" in outputs and "1: rate: 4\n~~~" in outputs and "KeyError" in outputs
    assert "# Rates" not in outputs
    assert (await bench.call("search", query="zebra", where="outputs")).text == "Nothing in the 4 cells matches."


async def test_the_notebook_itself_is_no_file_to_search(bench: Bench) -> None:
    bench.path = "other.ipynb"
    assert "other.ipynb" not in (await bench.call("search", query="rate", where="*")).text
