"""The decision race: fifty people decide at once, again and again; one wins, and everybody else is told who."""

from __future__ import annotations

import json
from typing import Any

from .bench import Bench
from .jupyter import LIMITLESS, TOKEN, Jupyter
from .processes import Helper
from .report import Result, Target

PEOPLE = 50
ROUNDS, QUICK_ROUNDS = 1000, 20
EDITS, QUICK_EDITS = 50, 3


def measure(bench: Bench) -> Result:
    """Race for questions, and for edits that the agent proposes."""
    rounds, edits = (QUICK_ROUNDS, QUICK_EDITS) if bench.quick else (ROUNDS, EDITS)
    with (
        Helper("model_server") as model,
        Helper("deciders") as people,
        Jupyter(bench.folder("decisions"), model_url=model.hello, launch=LIMITLESS) as jupyter,
    ):
        found = [_raced(jupyter, people, "question.ipynb", rounds, edit=False)]
        found.append(_raced(jupyter, people, "edit.ipynb", edits, edit=True))
        cells = len(json.loads((jupyter.root / "edit.ipynb").read_text())["cells"])
    found[1]["effects"] = cells
    played, clean = rounds + edits, sum(race["clean"] for race in found)
    effects = sum(race["effects"] for race in found)
    return Result(
        name="decisions",
        title=f"{PEOPLE} people decide at once",
        columns=["decision on", "rounds", "winners", "losers told who won", "effects", "p50 ms", "p99 ms", "people's"],
        rows=[_row("a question", rounds, found[0]), _row("an edit by the agent", edits, found[1])],
        targets=[
            Target(
                what=f"rounds with one winner, one effect, and {PEOPLE - 1} told the same winner",
                aim=f"{played:,} of {played:,}",
                value=f"{clean:,}, {effects:,} effects",
                met=clean == effects == played,
            )
        ],
        notes=[
            "Effects: of a question, decisions in the log; of an edit, cells in the notebook's file afterwards.",
            "Round trip of each decision, ack or refusal, all sent in the same moment by one process. The limit of "
            "commands a second is lifted.",
        ],
        raw={"question": found[0], "edit": found[1]},
    )


def _raced(jupyter: Jupyter, people: Helper, notebook: str, rounds: int, *, edit: bool) -> dict[str, Any]:
    jupyter.notebook(notebook)
    people.ask(do="open", port=jupyter.port, path=jupyter.channel(notebook), token=TOKEN, count=PEOPLE)
    load = people.meter()
    found: dict[str, Any] = people.ask(do="rounds", count=rounds, edit=edit)
    return {**found, "share": load.read().share}


def _row(what: str, rounds: int, found: dict[str, Any]) -> list[str]:
    figures = [f"{found[name]:,}" for name in ("winners", "told", "effects")]
    times = [f"{found['quantiles'][at] * 1000:.1f}" for at in (50, 99)]
    return [what, f"{rounds:,}", *figures, *times, f"{found['share']:.0%}"]
