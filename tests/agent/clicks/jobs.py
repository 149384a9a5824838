"""Ten jobs as people ask for them: what the model does in each answer, and which of it people want to see for sure."""

from __future__ import annotations

from msgspec import Struct

Step = list["Act"]
"""What the model does in one answer."""


class Act(Struct, frozen=True):
    """A run of a cell, or with `source` its edit. `is_grave` is what must be seen whatever was granted before."""

    cell: str
    source: str | None = None
    is_grave: bool = False


class Job(Struct, frozen=True):
    """A name, the cells of the notebook by id, and the model's answers. Ids that begin with `m` are Markdown."""

    name: str
    cells: dict[str, str]
    steps: list[Step]

    @property
    def acts(self) -> list[Act]:
        """All acts, in their order."""
        return [act for step in self.steps for act in step]

    @property
    def edits_only(self) -> bool:
        """Whether nothing runs."""
        return all(act.source is not None for act in self.acts)


def _run(cell: str, is_grave: bool = False) -> Act:
    return Act(cell, None, is_grave)


CLEAN = Job(
    "clean a table, cell by cell (8 runs)",
    {f"c{n}": f"df = df.pipe(clean_{n})" for n in range(8)},
    [[_run(f"c{n}")] for n in range(8)],
)
FROM_THE_TOP = Job(
    "run a notebook from the top (8 runs)",
    {f"c{n}": f"part_{n} = {n}" for n in range(8)},
    [[_run(f"c{n}") for n in range(4)], [_run(f"c{n}") for n in range(4, 8)]],
)
MEND = Job(
    "mend an error",
    {"load": "df = read('a.csv')", "rate": "rate = df.gain / df.cost"},
    [[_run("rate")], [Act("load", "df = read('a.csv').dropna()")], [_run("load")], [_run("rate")]],
)
MODELS = Job(
    "compare three models",
    {"fit": "model = fit(data)", "score": "score(model)"},
    [
        *([Act("fit", f"model = fit(data, depth={depth})"), _run("fit"), _run("score")] for depth in (2, 4, 8)),
    ],
)
FIGURES = Job(
    "restyle five figures",
    {f"f{n}": f"plot({n})" for n in range(5)},
    [[Act(f"f{n}", f"plot({n}, style='paper')"), _run(f"f{n}")] for n in range(5)],
)
REFACTOR = Job(
    "rename a variable in six cells",
    {f"c{n}": f"use(d, {n})" for n in range(6)},
    [[Act(f"c{n}", f"use(data, {n})") for n in range(6)]],
)
NOTES = Job(
    "write up the notes, with a logo from the web",
    {"m1": "Results", "m2": "Method", "m3": "Logo"},
    [
        [Act("m1", "The results are in."), Act("m2", "We measured twice.")],
        [Act("m3", "![logo](https://pictures.example/logo.png)", is_grave=True)],
    ],
)
INSTALL = Job(
    "install a package and use it",
    {"get": "%pip install shapely", "use": "import shapely", "draw": "plot(shapely)"},
    [[_run("get", is_grave=True)], [_run("use")], [_run("draw")]],
)
TIDY = Job(
    "save results and delete the old ones",
    {"save": "df.describe()", "old": "!rm -rf results/old", "list": "len(df)"},
    [[_run("save")], [_run("old", is_grave=True)], [_run("list")]],
)
FETCH = Job(
    "fetch data and look at it",
    {"get": "!curl -O https://data.example/a.csv", "head": "df.head()", "plot": "df.plot()", "sum": "df.sum()"},
    [[_run("get", is_grave=True)], [_run("head"), _run("plot")], [_run("sum")]],
)
JOBS = [CLEAN, FROM_THE_TOP, MEND, MODELS, FIGURES, REFACTOR, NOTES, INSTALL, TIDY, FETCH]
