"""The code of charts runs, whatever columns are called and hold."""

from __future__ import annotations

from itertools import pairwise

import matplotlib
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from jupyter_copilot.demo.chart import Chart, Overview, comment, label, source
from jupyter_copilot.demo.code import parse
from jupyter_copilot.demo.variables import Column, Frame

matplotlib.use("Agg")
NAMES = ["flipper_length_mm", "class", 'with "quotes"', "rows", "data", "größe (cm)", "a\\b", "ax"]


@pytest.mark.parametrize(("name", "by"), [*((name, None) for name in NAMES), *pairwise([*NAMES, NAMES[0]])])
def test_every_chart_runs_with_any_name(name: str, by: str | None) -> None:
    numbers = Column(name=name, dtype="float64")
    groups = None if by is None else Column(name=by, dtype="str")
    rows = {name: [1.0, 2.5, None, 4.0], **({by: ["a", "b", "a", None]} if by else {}), "other": [1, 2, 3, 4]}
    other = Column(name="other", dtype="int64")
    frame = Frame(name="data", rows=4, columns=[c for c in (numbers, groups, other) if c])
    for chart in (
        Chart(frame=frame, x=numbers, by=groups),
        Chart(frame=frame, x=numbers, y=other, by=groups),
        Chart(frame=frame, x=Column(name=name, dtype="str"), by=groups),
        Overview(frame=frame),
    ):
        exec(source(chart), {"plt": plt, "data": pd.DataFrame(rows)})
        plt.close("all")
        assert parse(source(chart)) is not None


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("flipper_length_mm", "Flipper length (mm)"),
        ("body_mass_g", "Body mass (g)"),
        ("GDP", "GDP"),
        ("year", "Year"),
        ("mm", "Mm"),
    ],
)
def test_a_columns_name_becomes_a_label(column: str, expected: str) -> None:
    assert label(column) == expected


def test_figures_that_cannot_be_read_are_not_spoken_of() -> None:
    column = Column(name="x", dtype="float64")
    frame = Frame(name="df", rows=3, columns=[column])
    by = Column(name="g", dtype="str")
    charts = [Chart(frame=frame, x=column), Chart(frame=frame, x=column, by=by), Chart(frame=frame, x=column, y=column)]
    assert [comment(chart, "something else\nKeyError") for chart in charts] == ["", "", ""]
