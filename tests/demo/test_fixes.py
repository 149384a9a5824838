"""Fixes of common errors: real cells that fail, fixed until they run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_copilot.demo.outcome import Call
from tests.demo.stage import Stage

FRAME = "import pandas as pd\nsizes = pd.DataFrame({'flipper_length_mm': [1, 2], 'Species': ['a', 'b']})"


@pytest.mark.parametrize(
    ("broken", "fixed", "why"),
    [
        ("np.mean([1, 2])", "import numpy as np\n\nnp.mean([1, 2])", "`np` was never imported."),
        ("math.pi", "import math\n\nmath.pi", "`math` was never imported."),
        ("Counter('aab')", "from collections import Counter\n\nCounter('aab')", "`Counter` was never imported."),
        ("size.head()", "sizes.head()", "There is no `size`, but there is `sizes`."),
        ("pritn(1)", "print(1)", "There is no `pritn`, but there is `print`."),
        ("total = 3\ntotla + 1", "total = 3\ntotal + 1", "There is no `totla`, but there is `total`."),
        ("sizes['flipper_length'].mean()", "sizes['flipper_length_mm'].mean()", "There is no column `flipper_length`"),
        ('sizes.groupby("species").size()', 'sizes.groupby("Species").size()', "it is called `Species`"),
        ("sizes[['Species', 'flipper']]", None, "None of my rules"),
        ("sizes[['Species', 'flipper_length']]", "sizes[['Species', 'flipper_length_mm']]", "There is no column"),
        ("sizes.flipper_length.max()", "sizes.flipper_length_mm.max()", "There is no column `flipper_length`"),
        ("sizes.haed()", "sizes.head()", "it has `head`"),
        ("'a'.uper()", "'a'.upper()", "it has `upper`"),
        ("pd.read_cvs", "pd.read_csv", "it has `read_csv`"),
        ("n = 0\n10 / n", 'n = 0\n(10 / n if n else float("nan"))', "`n` is zero here."),
        (
            "def mean(xs):\n    return sum(xs) / len(xs)\nmean([])",
            'def mean(xs):\n    return (sum(xs) / len(xs) if len(xs) else float("nan"))\nmean([])',
            "`len(xs)` is zero here.",
        ),
        ("print((1 + 2)", "print((1 + 2))", "A `(` was never closed."),
        ("x = [1, 2\nprint(x)", "x = [1, 2]\nprint(x)", "A `[` was never closed."),
        ("for i in range(2)\n    print(i)", "for i in range(2):\n    print(i)", "A colon is missing."),
        ("print('hello)", "print('hello')", "A string was never ended."),
        ("print('hello", "print('hello')", "A string and a bracket were never ended."),
        ("print 'hello'", "print('hello')", "`print` is a function and needs parentheses."),
        ("print((1, 2)))", "print((1, 2))", "There is a `)` too many."),
        ("if 1 = 1:\n    print(2)", "if 1 == 1:\n    print(2)", "A comparison needs `==`."),
    ],
)
async def test_a_common_error_is_fixed_with_a_diff_and_run(broken: str, fixed: str | None, why: str) -> None:
    stage = await Stage(FRAME, broken).run_all()
    said = await stage.ask("Fix the error in cell 3")
    texts = " ".join(step.text for step in stage.said)
    assert why in texts
    if fixed is None:
        assert "edit_and_run" not in [name for step in stage.called for name in step]
        return
    call = stage.call("edit_and_run")
    assert (call.args["cell_id"], call.args["source"]) == ("code-2", fixed)
    assert stage.source(3) == fixed
    assert said == "Cell 3 works now."


async def test_the_examples_error_is_fixed_from_a_fresh_kernel(penguins: Stage) -> None:
    fresh = penguins.notebook
    await penguins.run_all()
    fresh.started = False
    said = await penguins.ask("Fix the error in cell 6")
    assert penguins.called == [
        ["read_notebook", "inspect_variables"],
        ["run_cells"],
        ["read_cell", "inspect_variable"],
        ["edit_and_run"],
    ]
    assert 'df["flipper_length_mm"].hist(bins=20)' in penguins.source(6)
    assert said == "Cell 6 works now."


async def test_a_file_with_a_near_name_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "penguins.csv").write_text("a,b\n1,2\n")
    monkeypatch.chdir(tmp_path)
    stage = await Stage('import pandas as pd\ndf = pd.read_csv("penguin.csv")', root=str(tmp_path)).run_all()
    assert await stage.ask("fix it, there is an error") == "Cell 2 works now."
    assert 'pd.read_csv("penguins.csv")' in stage.source(2)


async def test_two_errors_in_one_cell_are_fixed_one_after_the_other() -> None:
    stage = await Stage("values = [1, 2]\npritn(np.sum(value))").run_all()
    assert await stage.ask("fix the error") == "Cell 2 works now."
    assert stage.source(2) == "import numpy as np\n\nvalues = [1, 2]\nprint(np.sum(values))"
    assert [step.text.partition(":")[0] for step in stage.said if step.text][1] == "That was not all"


async def test_a_cell_that_only_came_too_early_is_run_again() -> None:
    stage = Stage("x = 1", "x + 1")
    await stage.notebook.run("code-2", "by-hand", lambda output: None, None)
    assert await stage.ask("fix the error") == "Cell 3 works now."
    assert stage.called[1:] == [["run_cells"], ["read_cell"], ["run_cell"]]
    assert stage.source(3) == "x + 1"


async def test_a_cell_changed_by_a_person_in_the_meantime_is_read_again() -> None:
    stage = await Stage("pritn(1)").run_all()
    changed: list[Call] = []

    def somebody_types(call: Call) -> None:
        if call.name == "edit_and_run" and not changed:
            changed.append(call)
            stage.notebook.set_source("code-1", "pritn(2)")

    stage.before = somebody_types
    assert await stage.ask("fix the error") == "Cell 2 works now."
    assert stage.source(2) == "print(2)"
    assert any("changed in the meantime" in step.text for step in stage.said)


async def test_an_error_without_a_rule_is_shown_and_left_alone() -> None:
    stage = await Stage("x = [1]\nx[7]").run_all()
    said = await stage.ask("fix the error")
    assert "`IndexError: list index out of range`" in said
    assert "It happens in line 2: `x[7]`." in said
    assert "None of my rules fits" in said


async def test_a_missing_package_is_named_and_not_installed() -> None:
    name = "no_such_module"
    assert name not in sys.modules
    stage = await Stage(f"import {name}").run_all()
    assert f"%pip install {name}" in await stage.ask("fix the error")


async def test_a_denied_fix_changes_nothing() -> None:
    stage = await Stage("pritn(1)").run_all()
    stage.decide = lambda call: "Bob denied this: “leave it”" if call.name == "edit_and_run" else None
    assert "I leave it as it is" in await stage.ask("fix the error")
    assert stage.source(2) == "pritn(1)"


async def test_a_notebook_without_an_error_is_left_alone() -> None:
    stage = await Stage("1 + 1").run_all()
    assert "I see no error" in await stage.ask("fix the error")
