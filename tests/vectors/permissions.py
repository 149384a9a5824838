"""Write `permissions.json`: a table made by hand, and random cases from the Python judge for the TypeScript one.

Run `python -m tests.vectors.permissions` after a change of the judge that is meant; a test says when it is stale.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec

from jupyter_copilot import protocol as p
from jupyter_copilot.core.permissions.judge import MODES, judge

NOW = 1_000
FILE = Path(__file__).with_suffix(".json")
GRANTOR = p.Actor(kind="person", id="anna", name="Anna")
RANDOM_CASES = 300

EFFECTS: list[p.Effect] = ["read", "edit", "execute"]
DANGERS: list[p.Danger] = ["deletes", "installs", "network", "secrets", "restarts", "unclear"]


def asked(effect: p.Effect = "execute", **fields: Any) -> p.Asked:
    """A call of the copilot in the thread `main`, unless the fields say otherwise."""
    base = {"tool": "run_cell", "run_id": "r1", "thread_id": "main", "agent_id": "copilot", "definition": "d1"}
    return msgspec.convert({**base, "effect": effect, **fields}, p.Asked)


def rule(**fields: Any) -> p.Rule:
    """A rule of Anna's for the tools of `asked`."""
    scope = fields.pop("scope", {"effect": "execute"})
    base = {"rule_id": "rule-1", "granted_by": msgspec.to_builtins(GRANTOR), "granted_at": 1}
    base["definitions"] = {"run_cell": "d1", "edit_cell": "d2"}
    return msgspec.convert({**base, "scope": scope, **fields}, p.Rule)


def term(then: str, **match: Any) -> p.Term:
    """An entry of the administrator's."""
    return msgspec.convert({"then": then, "match": match, "because": "house rules"}, p.Term)


def random_terms(dice: random.Random) -> p.Terms:
    """What some administrator lays down."""
    modes = None if dice.random() < 0.5 else [mode for mode in MODES if dice.random() < 0.6]
    return p.Terms(modes=modes, rules=dice.random() < 0.85, entries=[random_term(dice) for _ in range(few(dice))])


def few(dice: random.Random) -> int:
    """Mostly none, sometimes some."""
    return dice.choice([0, 0, 0, 1, 1, 2])


def random_term(dice: random.Random) -> p.Term:
    """An entry about something that the random calls have, now and then."""
    match: dict[str, Any] = {}
    for name, values in (
        ("effect", EFFECTS),
        ("tool", ["run_cell", "*cell", "mcp_*"]),
        ("server", ["db", "*"]),
        ("path", ["exam/*", "*.ipynb"]),
        ("danger", DANGERS),
        ("agent", ["copilot", "c*x"]),
    ):
        if dice.random() < 0.3:
            match[name] = dice.choice(values)
    return term(dice.choice(["ask", "refuse"]), **match)


def random_rule(dice: random.Random, number: int = 1) -> p.Rule:
    """A rule that often fits the random calls."""
    scope: dict[str, Any] = {}
    for name, values in (
        ("effect", EFFECTS),
        ("tool", ["run_cell", "edit_cell"]),
        ("server", ["db"]),
        ("cells", [["a"], ["a", "b"]]),
        ("tags", [["draft"]]),
        ("command", ["!ls a.csv", "df.head()", "rm -rf x"]),
        ("pattern", ["!ls *.csv", "!ls *", "*", "rm -rf x"]),
    ):
        if dice.random() < 0.3:
            scope[name] = dice.choice(values)
    fields: dict[str, Any] = {
        "agents": dice.choice([[], [], ["copilot"], ["codex"]]),
        "run_id": dice.choice([None, None, "r1", "r2"]),
        "thread_id": dice.choice([None, None, "main", "other"]),
        "until": dice.choice([None, None, NOW, NOW + 1]),
        "uses": dice.choice([None, None, 1, 3]),
        "used": dice.choice([0, 0, 1, 3]),
    }
    return rule(rule_id=f"rule-{number}", scope=scope, **fields)


def random_asked(dice: random.Random) -> p.Asked:
    """A call that wants something."""
    cells = [
        p.AskedCell(
            cell_id=name,
            changed=dice.random() < 0.5,
            added=dice.random() < 0.2,
            tags=dice.choice([[], ["draft"], ["draft", "x"]]),
            lock=dice.choice([None, None, None, None, "locked", "read-only"]),
        )
        for name in ("a", "b")[: dice.randrange(3)]
    ]
    tool, definition = dice.choice([("run_cell", "d1"), ("run_cell", "d1"), ("edit_cell", "d2"), ("run_cell", "new")])
    return asked(
        dice.choice(EFFECTS),
        tool=tool,
        definition=definition,
        server=dice.choice(["", "db"]),
        path=dice.choice(["exam/1.ipynb", "notes.ipynb"]),
        agent_id=dice.choice(["copilot", "copilot", "codex"]),
        cells=msgspec.to_builtins(cells),
        code=dice.choice([[], ["df.head()"], ["!ls a.csv"], ["!ls a.csv", "df.head()"], ["rm -rf x"]]),
        dangers=dice.choice([[], [], [], ["deletes"], ["network", "secrets"], ["unclear"]]),
        fetches=dice.random() < 0.15,
    )


def case(name: str, terms: p.Terms, rules: list[p.Rule], mode: str, call: p.Asked) -> dict[str, Any]:
    """A case as it stands in the file."""
    verdict = judge(terms, rules, mode, call, NOW)
    parts = {"terms": terms, "rules": rules, "mode": mode, "asked": call, "now": NOW, "verdict": verdict}
    return {"name": name, **msgspec.to_builtins(parts)}


def random_cases(seed: int, count: int) -> list[tuple[p.Terms, list[p.Rule], str, p.Asked]]:
    """So many random cases, always the same ones for a seed."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        terms = random_terms(dice)
        rules = [random_rule(dice, number) for number in range(few(dice))]
        found.append((terms, rules, dice.choice([*MODES, "yolo"]), random_asked(dice)))
    return found


def text() -> str:
    """The file's right text."""
    from ..core.permissions.table import TABLE

    made = [case(row.name, row.terms, row.rules, row.mode, row.asked) for row in TABLE]
    made += [case(f"random case {n}", *each) for n, each in enumerate(random_cases(18, RANDOM_CASES), 1)]
    return "[\n" + ",\n".join(" " + json.dumps(each, ensure_ascii=False) for each in made) + "\n]\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
