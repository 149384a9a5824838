"""Jobs with data and plots."""

from __future__ import annotations

import re
from typing import Any

from jupyter_copilot.core import state as s
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ..play import Job, Player, World, approve
from .cells import code, markdown, succeeded

# A table with faults


def clean_a_table() -> Player:
    reader = yield Answer()
    reader = yield Answer(calls=[call("read_file", path="sales.csv", limit=24)])
    assert "region,amount" in reader.result and "n/a" in reader.result
    last = max(reader.cells)
    look = (
        'raw = pd.read_csv("sales.csv", na_values=["n/a"])\n'
        "print(len(raw), int(raw.duplicated().sum()), int(raw.amount.isna().sum()))"
    )
    reader = yield Answer(
        text="First I load it and count what is wrong.",
        calls=[
            call(
                "change_notebook",
                changes=[{"action": "insert_cell", "after": reader.cells[last].cell_id, "source": look}],
                run=["changed"],
            )
        ],
    )
    counted = re.search(r"^(\d+) (\d+) (\d+)$", reader.result, re.MULTILINE)
    assert counted is not None, reader.result
    made = re.search(r"Inserted cell \d+ \[(\S+)\]", reader.result)
    assert made is not None, reader.result
    clean = "clean = raw.drop_duplicates().dropna(subset=['amount'])\nclean.groupby('region').amount.sum()"
    note = "## Cleaning\n\nDuplicates and missing amounts go."
    changes = [
        {"action": "insert_cell", "after": made[1], "source": note, "cell_type": "markdown"},
        {"action": "insert_cell", "after": made[1], "source": clean},
    ]
    reader = yield Answer(
        text=f"{counted[2]} rows are there twice and {counted[3]} have no amount; I leave them out.",
        calls=[call("change_notebook", changes=changes, run=["changed"])],
    )
    assert "north" in reader.result
    yield Answer(text="Cells 3 to 5 load, explain and clean the table; the totals by region are in cell 5.")


async def _clean(world: World) -> None:
    await world.ask("Load sales.csv, clean it (duplicates, missing amounts), and show the totals by region.")


async def _is_clean(world: World) -> None:
    assert await world.value("len(clean), int(clean.amount.sum())") == "37 683"
    assert (world.root / "sales.csv").read_text() == SALES, "raw data is never changed"
    assert all(
        succeeded(cell) for cell in await world.cells() if cell.cell_type == "code" and cell.cell_id != "imports"
    )


ROWS = [f"{['north', 'south', 'east'][n % 3]},{n}" for n in range(38)]
SALES = "\n".join(["region,amount", *ROWS[:20], ROWS[3], ROWS[4], "east,n/a", *ROWS[21:], "south,n/a", ""])
CLEAN_A_TABLE = Job(
    name="clean a CSV file",
    cells=[markdown("title", "# Sales"), code("imports", "import pandas as pd")],
    files={"sales.csv": SALES},
    run_before=["imports"],
    players={"Load sales.csv": clean_a_table},
    act=_clean,
    check=_is_clean,
    cards=2,
    requests=4,
    reference=29_070,
)

# Plots from nothing


def draw_from_nothing() -> Player:
    reader = yield Answer()
    assert "The notebook is empty." in reader.asked or len(reader.cells) <= 1
    start = "import numpy as np\nimport matplotlib.pyplot as plt\n\nx = np.linspace(0, 6, 200)"
    plots = [
        f"plt.figure(figsize=(3, 2))\nplt.plot(x, {expression})\nplt.title('{title}');"
        for title, expression in (("Sine", "np.sin(x)"), ("Cosine", "np.cos(x)"), ("Product", "np.sin(x) * np.cos(x)"))
    ]
    changes = [{"action": "insert_cell", "after": "end", "source": source} for source in (start, *plots)]
    reader = yield Answer(
        text="I draw the three of them.", calls=[call("change_notebook", changes=changes, run=["changed"])]
    )
    assert reader.pictures == 3 and "raised" not in reader.result
    contents = "# Waves\n\n1. Sine\n2. Cosine\n3. Product"
    end = "## Conclusion\n\nThe product of both waves has twice their frequency and half their height."
    changes = [
        {"action": "insert_cell", "after": "top", "source": contents, "cell_type": "markdown"},
        {"action": "insert_cell", "after": "end", "source": end, "cell_type": "markdown"},
    ]
    yield Answer(text="Now the contents and the conclusion.", calls=[call("change_notebook", changes=changes)])
    yield Answer(text="The notebook has a table of contents, three plots, which I looked at, and a conclusion.")


async def _draw(world: World) -> None:
    await world.ask("Draw a sine, a cosine and their product, with a table of contents and a conclusion.")


async def _is_drawn(world: World) -> None:
    cells = [cell for cell in await world.cells() if cell.source]
    assert [cell.cell_type for cell in cells] == ["markdown", "code", "code", "code", "code", "markdown"]
    assert all("image/png" in str(cell.outputs) for cell in cells[2:5])
    assert cells[0].source.startswith("# Waves") and "Conclusion" in cells[-1].source


DRAW_FROM_NOTHING = Job(
    name="three plots from an empty notebook",
    cells=[],
    players={"Draw a sine": draw_from_nothing},
    act=_draw,
    check=_is_drawn,
    cards=2,
    reference=28_988,
)

# A request that can be read in two ways


def remove_outliers() -> Player:
    reader = yield Answer()
    options = ["Leave out rows beyond 3 standard deviations", "Cut values to the 1st and 99th percentile"]
    reader = yield Answer(calls=[call("ask_user", question="How shall outliers be treated?", options=options)])
    assert "answered" in reader.result and options[1] in reader.result
    source = (
        "low, high = np.percentile(values, [1, 99])\nclipped = values.clip(low, high)\n"
        "print(round(float(clipped.max()), 1))"
    )
    change = {"action": "insert_cell", "after": reader.cell("values =").cell_id, "source": source}
    reader = yield Answer(
        text="I cut them to the percentiles, in a variable of their own.",
        calls=[call("change_notebook", changes=[change], run=["changed"])],
    )
    largest = re.search(r"^[\d.]+$", reader.result, re.MULTILINE)
    assert largest is not None
    yield Answer(
        text=f"The new cell cuts the values; the largest is {largest[0]} now. The raw values stay as they are."
    )


async def _outliers(world: World) -> None:
    def decide(opened: s.Open, number: int) -> dict[str, Any]:
        return {"option": opened.options[1].id} if opened.kind == "question" else approve(opened, number)

    await world.ask("Remove the outliers.", decide)


async def _are_removed(world: World) -> None:
    assert await world.value("float(values.max()), bool(clipped.max() < 50)") == "1000.0 True"


REMOVE_OUTLIERS = Job(
    name="remove the outliers",
    cells=[code("values", "import numpy as np\n\nvalues = np.append(np.arange(200) % 20 + 1.0, 1000.0)")],
    run_before=["values"],
    players={"Remove the outliers": remove_outliers},
    act=_outliers,
    check=_are_removed,
    questions=1,
    reference=11_843,
)

# A plot that is looked at


def review_a_plot() -> Player:
    reader = yield Answer()
    assert reader.pictures == 1
    plot = reader.cell("plt.plot")
    source = f"{plot.source}\nplt.title('Temperature')\nplt.xlabel('day')"
    change = {"action": "edit_cell", "cell_id": plot.cell_id, "source": source}
    reader = yield Answer(
        text="It has neither title nor labels; I add them.",
        calls=[call("change_notebook", changes=[change], run=["changed"])],
    )
    assert "approved this with other arguments" in reader.result and reader.pictures >= 1
    label = re.search(r"Temperature in ([^'\\]+)", reader.result)
    assert label is not None
    yield Answer(text=f"The plot says now that it shows the temperature in {label[1]}, as you put it, for each day.")


async def _review(world: World) -> None:
    def decide(opened: s.Open, number: int) -> dict[str, Any]:
        args = world.state.calls[opened.call_id or ""].args
        (change,) = args["changes"]
        edited = {**change, "source": change["source"].replace("'Temperature'", "'Temperature in °C'")}
        return {"option": "approve", "edited_args": {**args, "changes": [edited]}}

    await world.ask("Review this plot, and make it fit to be shown.", decide)


async def _is_reviewed(world: World) -> None:
    cell = (await world.cells())[0]
    assert "Temperature in °C" in cell.source and "xlabel" in cell.source and "image/png" in str(cell.outputs)


REVIEW_A_PLOT = Job(
    name="review a plot",
    cells=[
        code(
            "plot",
            "%matplotlib inline\nimport matplotlib.pyplot as plt\n\n"
            "plt.figure(figsize=(3, 2))\nplt.plot([3, 5, 4, 8, 6])",
        )
    ],
    run_before=["plot"],
    players={"Review this plot": review_a_plot},
    act=_review,
    check=_is_reviewed,
    requests=2,
    reference=10_547,
)
