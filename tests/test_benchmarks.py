"""Every benchmark runs to its end with little work; how fast is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.measure import quantile, ratio, spread
from benchmarks.page import Run, rewritten
from benchmarks.report import Result, Target, aligned, machine

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_a_quick_run_prints_a_table_and_writes_the_samples_behind_it(name: str, tmp_path: Path) -> None:
    samples = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", name, "--quick", "--json", str(samples)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"\n{name}: " in done.stdout
    whole = json.loads(samples.read_text())
    assert whole["machine"]["cores"] and whole["machine"]["packages"]["tornado"]
    (result,) = whole["results"]
    assert result["rows"] and result["raw"]


def test_an_unknown_name_is_refused_before_anything_runs() -> None:
    command = [sys.executable, "-m", "benchmarks", "nothing"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "nothing" in done.stderr


def test_ratios_compare_neighbours_and_tell_their_spread() -> None:
    found = ratio([1.0, 2.0, 9.0], [1.0, 1.0, 3.0])
    assert (found.median, found.low, found.high) == (2.0, 1.0, 3.0)
    assert found.text() == "2.00 (1.00 … 3.00)"
    assert spread([0.5]).text() == "0.50"


def test_a_quantile_is_one_of_the_samples() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_a_missed_target_is_called_missed() -> None:
    target = Target(what="speed", aim="< 1", value="2", met=False)
    text = Result(name="one", title="all", columns=["a", "b"], rows=[["x", "1"]], targets=[target]).text()
    assert "MISSED speed: 2 (target < 1)" in text


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert [line.rstrip() for line in aligned([["a", "b"], ["long", "1"]])] == [
        "  a      b",
        "  ────   ─",
        "  long   1",
    ]


def test_the_page_gets_the_tables_of_the_last_run_and_keeps_what_it_tells_nothing_of() -> None:
    blocks = ("text\none: old\n  1", "text\nother: stays", "bash\none: no table", "text\ntargets: old")
    page = "\n".join(f"```{block}\n```" for block in blocks)
    target = Target(what="speed", aim="< 1", value="0.5", met=True)
    runs = [
        Run(machine=machine(), results=[Result(name="one", title=title, columns=["a"], rows=[["x"]], targets=[target])])
        for title in ("first", "second")
    ]
    text = rewritten(page, runs)
    assert "one: second" in text and "old" not in text and "one: first" not in text
    assert "other: stays" in text and "one: no table" in text
    assert "one: speed" in text and "met" in text
