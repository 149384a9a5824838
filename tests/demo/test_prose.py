"""Cells in words, the sections they make, and what must run before them."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.demo.cells import CellView
from jupyter_copilot.demo.code import defined, needed, to_run_first
from jupyter_copilot.demo.names import hinted, mentioned, near
from jupyter_copilot.demo.prose import describe, sentence
from jupyter_copilot.demo.sections import sections


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import numpy as np\nfrom os import path", "imports `numpy` as `np` and `os.path`"),
        ("%matplotlib inline\nx = 1", "sets `x` to `1`"),
        ('df = pd.read_csv("a.csv")\ndf.head()', "reads `'a.csv'` into `df` and shows the first rows of `df`"),
        ('df["a"].value_counts()', "counts the values of `a` of `df`"),
        ('df.groupby(["a", "b"])["c"].mean().round(1)', "computes the mean of `c` by `a`, `b`"),
        ("df.isna().sum()", "computes the number of missing values of `df`"),
        ('df["a"] = df["a"].fillna(0)', "fills missing values of `df['a']`"),
        ("df.plot.scatter(x='a', y='b')", "draws a scatter plot of `df`"),
        ("plt.hist(x)\nplt.title('T')\nplt.legend()", "draws a histogram of `x` and labels the figure"),
        ("def f(x):\n    return x", "defines the function `f`"),
        ("class A: ...", "defines the class `A`"),
        ("for x in xs:\n    print(x)", "for each `x` of `xs`, it prints `x`"),
        ("with open('a') as f:\n    text = f.read()", "sets `text` to `f.read()`"),
        ("x += 1", "runs `x += 1`"),
        ("", "does nothing"),
        ("1 +", "holds code that is not valid Python"),
    ],
)
def test_code_is_put_into_words(source: str, words: str) -> None:
    assert sentence(describe(source)) == words


def cell(number: int, source: str, **fields: Any) -> CellView:
    return CellView(number=number, cell_id=str(number), cell_type="code", source=source, **fields)


def test_neighbouring_cells_of_one_kind_make_one_section() -> None:
    cells = [
        cell(1, "import pandas as pd"),
        cell(2, "df = pd.read_csv('a')"),
        cell(3, "other = pd.read_csv('b')"),
        cell(4, "df.hist()"),
        cell(5, "df_clean = df.fillna(0)\ndf_clean.isna().sum()"),
    ]
    assert [(title, first.number) for title, first in sections(cells)] == [
        ("Set-up", 1),
        ("Loading the data", 2),
        ("Plots", 4),
        ("Missing values", 5),
    ]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = y + 1", {"y"}),
        ("df = df.dropna()", {"df"}),
        ("[a for a in b]", {"b"}),
        ("for i in range(3): print(i)", set()),
        ("def f(a): return a + b", {"b"}),
        ("import x\nx.y", set()),
        ("lambda q: q", set()),
    ],
)
def test_the_names_that_a_cell_needs_come_from_elsewhere(source: str, names: set[str]) -> None:
    assert needed(source) == names


def test_what_must_run_first_is_followed_to_its_beginning() -> None:
    cells = [cell(1, "import pandas as pd"), cell(2, "df = pd.read_csv('a')"), cell(3, "x = 1"), cell(4, "y = df + x")]
    assert [c.number for c in to_run_first(cells, ["y"], [])] == [1, 2, 3, 4]
    assert [c.number for c in to_run_first(cells, ["y"], ["df"])] == [3, 4]
    assert to_run_first(cells, ["y"], ["y"]) == []
    assert "df" in defined(cells[1].source)


COLUMNS = ["species", "bill_length_mm", "flipper_length_mm", "body_mass_g"]


@pytest.mark.parametrize(
    ("text", "full", "partly"),
    [
        (
            "flipper length by species",
            ["flipper_length_mm", "species"],
            ["species", "bill_length_mm", "flipper_length_mm"],
        ),
        ("the fliper lenghts", ["flipper_length_mm"], ["bill_length_mm", "flipper_length_mm"]),
        ("mass", [], ["body_mass_g"]),
        ("`body_mass_g`", ["body_mass_g"], ["body_mass_g"]),
        ("nothing like it", [], []),
    ],
)
def test_columns_are_found_in_what_people_say(text: str, full: list[str], partly: list[str]) -> None:
    assert mentioned(text, COLUMNS) == full
    assert hinted(text, COLUMNS) == partly


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("flipper_length", "flipper_length_mm"),
        ("Species", "species"),
        ("bodymass", "body_mass_g"),
        ("wingspan", None),
        ("species", None),
    ],
)
def test_a_near_name_is_the_one_that_was_meant(name: str, meant: str | None) -> None:
    assert near(name, COLUMNS) == meant
