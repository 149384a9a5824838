"""Charts: which one shows a column, its matplotlib code, and what its figures say."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Sequence

from msgspec import Struct

from .variables import Column, Frame

_GROUP = re.compile(r"^(?P<name>\S.*?)\s+(?P<count>\d+)\s+(?P<mean>-?[\d.]+)\s+(?P<std>-?[\d.]+|NaN)$", re.MULTILINE)
_FIGURE = re.compile(r"^(?P<name>count|mean|std|min|max)\s+(?P<value>-?[\d.]+)$", re.MULTILINE)
_COUNT = re.compile(r"^(?P<name>\S.*?)\s+(?P<count>\d+)$", re.MULTILINE)
_UNITS = frozenset({"mm", "cm", "m", "km", "g", "kg", "s", "ms"})


class Chart(Struct, frozen=True, kw_only=True):
    """What is to be plotted: a column, perhaps against another, perhaps apart for each group."""

    frame: Frame
    x: Column
    y: Column | None = None
    by: Column | None = None

    @property
    def title(self) -> str:
        """What it is, for people."""
        groups = f" by `{self.by.name}`" if self.by else ""
        if self.y:
            return f"a scatter plot of `{self.y.name}` against `{self.x.name}`{groups}"
        kind = "a histogram" if self.x.kind == "number" else "the counts"
        return f"{kind} of `{self.x.name}`{groups}"


class Overview(Struct, frozen=True, kw_only=True):
    """All columns with numbers at once."""

    frame: Frame

    @property
    def numbers(self) -> list[str]:
        """The names of these columns."""
        return [column.name for column in self.frame.columns if column.kind == "number"]

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"histograms of the {len(self.numbers)} columns with numbers"


Picture = Chart | Overview


def source(picture: Picture) -> str:
    """The code of a picture; its last expression is the table of figures that it shows."""
    if isinstance(picture, Overview):
        return "\n".join(_histograms(picture))
    lines = ["fig, ax = plt.subplots(figsize=(6, 3.5))"]
    if picture.y:
        return "\n".join(lines + _scatter(picture, picture.y))
    if picture.x.kind == "number":
        return "\n".join(lines + _histogram(picture))
    return "\n".join(lines + _bars(picture))


def _histograms(picture: Overview) -> list[str]:
    listed = ", ".join(map(quoted, picture.numbers))
    return [
        f"numbers = {picture.frame.name}[[{listed}]]",
        "numbers.hist(bins=20, figsize=(8, 5), grid=False)",
        "plt.tight_layout()",
        "numbers.describe().round(1)",
    ]


def _scatter(chart: Chart, y: Column) -> list[str]:
    frame, of_x, of_y = chart.frame.name, f"[{quoted(chart.x.name)}]", f"[{quoted(y.name)}]"
    drawn = [f"ax.scatter({frame}{of_x}, {frame}{of_y}, s=14, alpha=0.7)"]
    if chart.by:
        group = _variable(chart.by.name, frame)
        drawn = [
            f"for {group}, rows in {frame}.groupby({quoted(chart.by.name)}):",
            f"    ax.scatter(rows{of_x}, rows{of_y}, s=14, alpha=0.7, label={group})",
            "ax.legend()",
        ]
    correlation = f'print("correlation:", round(float({frame}{of_x}.corr({frame}{of_y})), 2))'
    return [*drawn, *_labels(label(chart.x.name), label(y.name)), correlation]


def _histogram(chart: Chart) -> list[str]:
    frame, x = chart.frame.name, quoted(chart.x.name)
    labels = _labels(label(chart.x.name), "Count")
    if chart.by is None:
        return [f"ax.hist({frame}[{x}].dropna(), bins=20)", *labels, f"{frame}[{x}].describe().round(1)"]
    return [
        f"groups = {frame}.dropna(subset={x}).groupby({quoted(chart.by.name)})[{x}]",
        # All groups at once, so that they share their bins.
        "values = [group for _, group in groups]",
        'ax.hist(values, bins=20, histtype="stepfilled", alpha=0.6, label=list(groups.groups))',
        "ax.legend()",
        *labels,
        'groups.agg(["count", "mean", "std"]).round(1)',
    ]


def _bars(chart: Chart) -> list[str]:
    frame, x = chart.frame.name, quoted(chart.x.name)
    counts = f"{frame}[{x}].value_counts()"
    if chart.by:
        counts = f"{frame}.value_counts([{x}, {quoted(chart.by.name)}]).unstack()"
    return [f"counts = {counts}", "counts.plot.bar(ax=ax, rot=0)", 'ax.set_ylabel("Count")', "counts"]


def _labels(x: str, y: str) -> list[str]:
    return [f"ax.set_xlabel({quoted(x)})", f"ax.set_ylabel({quoted(y)})"]


def _variable(column: str, frame: str) -> str:
    """A loop's variable for the values of a column."""
    usable = column.isidentifier() and not keyword.iskeyword(column) and column not in (frame, "rows", "ax", "plt")
    return column if usable else "group"


def quoted(name: str) -> str:
    """A text as Python source."""
    return json.dumps(name, ensure_ascii=False)


def label(column: str) -> str:
    """A column's name for an axis: `flipper_length_mm` as “Flipper length (mm)”."""
    text, unit = _words(column)
    return (text[:1].upper() + text[1:]) + (f" ({unit})" if unit else "")


def _words(column: str) -> tuple[str, str]:
    """A column's name in words, and its unit."""
    words = [word for word in re.split(r"[_\s]+", column) if word]
    unit = words.pop() if len(words) > 1 and words[-1] in _UNITS else ""
    return " ".join(words), unit


def comment(picture: Picture, printed: str) -> str:
    """What the figures say; empty when they cannot be read."""
    if isinstance(picture, Overview):
        return ""
    if picture.y:
        return _on_correlation(picture.x, picture.y, printed)
    if picture.x.kind == "number":
        return _on_groups(picture, picture.by, printed) if picture.by else _on_figures(picture, printed)
    return "" if picture.by else _on_counts(picture, printed)


def _on_correlation(x: Column, y: Column, printed: str) -> str:
    found = re.search(r"correlation: (-?[\d.]+)", printed)
    if found is None:
        return ""
    r = float(found[1])
    strength = "strongly" if abs(r) > 0.7 else "somewhat" if abs(r) > 0.3 else "hardly"
    how = "together" if r > 0 else "in opposite directions"
    return (
        f"The two go {strength} {how}: their correlation is {r}. That holds over all rows; within groups it may differ."
    )


def _on_groups(chart: Chart, by: Column, printed: str) -> str:
    rows = [(m["name"], float(m["mean"]), float(m["std"])) for m in _GROUP.finditer(printed) if m["std"] != "NaN"]
    if len(rows) < 2:
        return ""
    (first, top, _), (second, next_, _), *_ = ranked = sorted(rows, key=lambda row: -row[1])
    last, low, _ = ranked[-1]
    apart = top - next_ > 2 * max(std for *_, std in rows)
    others = f"{next_} ({second})" + (f" and {low} ({last})" if len(ranked) == 3 else "")
    lead = f"with {first} clearly apart" if apart else f"{first} highest"
    what, unit = _words(chart.x.name)
    return f"{_count(len(rows))} groups, {lead}: mean {what} {top}{' ' * bool(unit)}{unit} against {others}."


def _on_figures(chart: Chart, printed: str) -> str:
    figures = {m["name"]: float(m["value"]) for m in _FIGURE.finditer(printed)}
    if not {"count", "mean", "min", "max"} <= figures.keys():
        return ""
    missing = chart.frame.rows - int(figures["count"])
    without = f" {missing} rows have no value." if missing > 0 else ""
    low, high, mean = (f"{figures[name]:g}" for name in ("min", "max", "mean"))
    return f"{int(figures['count'])} values from {low} to {high}, on average {mean}.{without}"


def _on_counts(chart: Chart, printed: str) -> str:
    counts = [(m["name"], int(m["count"])) for m in _COUNT.finditer(printed)]
    if not counts:
        return ""
    name, most = max(counts, key=lambda pair: pair[1])
    total = sum(count for _, count in counts)
    return f"{_count(len(counts))} values; {name} is the most frequent, with {most} of {total} rows."


def _count(number: int) -> str:
    words: Sequence[str] = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[number] if number < len(words) else str(number)
