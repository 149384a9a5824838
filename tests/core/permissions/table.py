"""The judge's decisions, one by one, as people would make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jupyter_copilot import protocol as p

from ...vectors.permissions import NOW, asked, rule, term


@dataclass(frozen=True)
class Row:
    """A call, what there is of terms, rules and mode, and what becomes of it: by which rule, or why not."""

    name: str
    then: str
    why: list[str] = field(default_factory=list)
    rule_id: str | None = None
    mode: str = "ask"
    asked: p.Asked = field(default_factory=asked)
    rules: list[p.Rule] = field(default_factory=list)
    terms: p.Terms = field(default_factory=p.Terms)


def cell(**fields: object) -> dict[str, object]:
    return {"cell_id": "a", **fields}


EDIT = asked("edit", tool="edit_cell", definition="d2", cells=[cell(changed=True)])
DELETING = asked(code=["!rm -rf x"], dangers=["deletes"])
A_RULE: dict[str, Any] = {"rules": [rule()], "rule_id": "rule-1"}

TABLE: list[Row] = [
    # modes
    Row("reading asks nobody", "allow", asked=asked("read")),
    Row("Ask asks before an edit", "ask", ["mode:ask"], asked=EDIT),
    Row("Ask asks before a run", "ask", ["mode:ask"]),
    Row("Edit freely lets edits in", "allow", mode="auto_edit", asked=EDIT),
    Row("Edit freely asks before a run", "ask", ["mode:auto_edit"], mode="auto_edit"),
    Row("Auto lets runs in", "allow", mode="auto"),
    Row("Plan reads", "allow", mode="plan", asked=asked("read")),
    Row("Plan refuses edits", "refuse", ["plan"], mode="plan", asked=EDIT),
    Row("Plan refuses what a rule would let in", "refuse", ["plan"], mode="plan", rules=[rule()]),
    Row("an unknown mode asks", "ask", ["mode:ask"], mode="yolo"),
    # rules
    Row("a rule lets a run in", "allow", **A_RULE),
    Row("a rule for runs lets edits in", "allow", asked=EDIT, **A_RULE),
    Row("a rule for edits lets no run in", "ask", ["mode:ask"], rules=[rule(scope={"effect": "edit"})]),
    Row("a rule without scope lets nothing in", "ask", ["mode:ask"], rules=[rule(scope={})]),
    Row("a rule for another tool", "ask", ["mode:ask"], rules=[rule(scope={"tool": "run_cells"})]),
    Row("a rule for this tool", "allow", rules=[rule(scope={"tool": "run_cell"})], rule_id="rule-1"),
    Row("a rule for another agent", "ask", ["mode:ask"], rules=[rule(agents=["codex"])]),
    Row("a rule for this answer", "allow", rules=[rule(run_id="r1")], rule_id="rule-1"),
    Row("a rule for another answer", "ask", ["mode:ask"], rules=[rule(run_id="r2")]),
    Row("a rule for another thread", "ask", ["mode:ask"], rules=[rule(thread_id="other")]),
    Row("a rule whose time is over", "ask", ["mode:ask"], rules=[rule(until=NOW)]),
    Row("a rule in its last moment", "allow", rules=[rule(until=NOW + 1)], rule_id="rule-1"),
    Row("a rule that is used up", "ask", ["mode:ask"], rules=[rule(uses=3, used=3)]),
    Row("a rule with one use left", "allow", rules=[rule(uses=3, used=2)], rule_id="rule-1"),
    Row("the oldest rule that fits counts", "allow", rule_id="b",
        rules=[rule(rule_id="a", run_id="r2"), rule(rule_id="b"), rule(rule_id="c")]),
    Row("a tool that changed since", "ask", ["mode:ask"], asked=asked(definition="d9"), rules=[rule()]),
    Row("a tool that came since", "ask", ["mode:ask"], asked=asked(tool="drop_table"), rules=[rule()]),
    Row("a rule for an MCP server", "allow", asked=asked(server="db"), rule_id="rule-1",
        rules=[rule(scope={"server": "db"})]),
    Row("a rule for another MCP server", "ask", ["mode:ask"], rules=[rule(scope={"server": "db"})]),
    # cells
    Row("a rule for this cell", "allow", asked=EDIT, rules=[rule(scope={"cells": ["a"]})], rule_id="rule-1"),
    Row("a rule for another cell", "ask", ["mode:ask"], asked=EDIT, rules=[rule(scope={"cells": ["b"]})]),
    Row("a rule for a tag", "allow", asked=asked(cells=[cell(tags=["draft"])]), rule_id="rule-1",
        rules=[rule(scope={"tags": ["draft"]})]),
    Row("one cell without the tag", "ask", ["mode:ask"], asked=asked(cells=[cell(tags=["draft"]), cell(cell_id="b")]),
        rules=[rule(scope={"tags": ["draft"]})]),
    Row("a rule for cells covers no new one", "ask", ["mode:ask"], asked=asked(cells=[cell(added=True)]),
        rules=[rule(scope={"cells": ["a"]})]),
    Row("a rule for cells covers nothing without cells", "ask", ["mode:ask"], rules=[rule(scope={"cells": ["a"]})]),
    # commands
    Row("a command word for word", "allow", asked=asked(code=["!ls data\n"]), rule_id="rule-1",
        rules=[rule(scope={"command": "!ls data"})]),
    Row("a command and something more", "ask", ["mode:ask"], asked=asked(code=["!ls data; rm x"]),
        rules=[rule(scope={"pattern": "!ls *"})]),
    Row("a star is a part of one word", "allow", asked=asked(code=["!ls a.csv"]), rule_id="rule-1",
        rules=[rule(scope={"pattern": "!ls *.csv"})]),
    Row("a star leads into no other folder", "ask", ["mode:ask"], asked=asked(code=["!cat data/../key.csv"]),
        rules=[rule(scope={"pattern": "!cat data/*.csv"})]),
    Row("every cell must be the command", "ask", ["mode:ask"], asked=asked(code=["!ls data", "x = 1"]),
        rules=[rule(scope={"command": "!ls data"})]),
    # dangers
    Row("a danger asks in spite of a rule", "ask", ["danger:deletes", "mode:ask"], asked=DELETING, rules=[rule()]),
    Row("a danger asks in spite of Auto", "ask", ["danger:deletes"], mode="auto", asked=DELETING),
    Row("a danger asks in spite of a pattern", "ask", ["danger:deletes", "mode:ask"], asked=DELETING,
        rules=[rule(scope={"pattern": "!rm -rf *"})]),
    Row("the most explicit rule lets a danger in", "allow", asked=DELETING, rule_id="rule-1",
        rules=[rule(scope={"command": "!rm -rf x"})]),
    Row("a danger without code takes a rule for its tool", "allow", rules=[rule(scope={"tool": "run_cell"})],
        asked=asked(dangers=["restarts"]), rule_id="rule-1"),
    Row("or for its MCP server", "allow", rules=[rule(scope={"server": "db"})],
        asked=asked(server="db", dangers=["unclear"]), rule_id="rule-1"),
    Row("a rule for an MCP server is no word for code", "ask", ["danger:deletes", "mode:ask"],
        asked=asked(server="db", code=["!rm x"], dangers=["deletes"]), rules=[rule(scope={"server": "db"})]),
    Row("a danger without code asks in spite of a rule for an effect", "ask", ["danger:restarts", "mode:ask"],
        asked=asked(dangers=["restarts"]), rules=[rule()]),
    Row("dangerous text may be written", "allow", mode="auto_edit",
        asked=asked("edit", code=["!rm x"], dangers=["deletes"])),
    # fetching
    Row("what fetches asks in spite of Edit freely", "ask", ["fetches"], mode="auto_edit",
        asked=asked("edit", fetches=True)),
    Row("what fetches asks in spite of a rule", "ask", ["fetches", "mode:ask"], asked=asked("edit", fetches=True),
        rules=[rule()]),
    # locks
    Row("a locked cell is not run", "refuse", ["locked:a"], mode="auto", asked=asked(cells=[cell(lock="locked")])),
    Row("a read-only cell is run", "allow", mode="auto", asked=asked(cells=[cell(lock="read-only")])),
    Row("a read-only cell is not changed", "refuse", ["read-only:a"], mode="auto", rules=[rule()],
        asked=asked(cells=[cell(lock="read-only", changed=True)])),
    Row("a locked cell may be read", "allow", asked=asked("read", cells=[cell(lock="locked")])),
    # the administrator's terms
    Row("no rules here", "ask", ["mode:ask"], rules=[rule()], terms=p.Terms(rules=False)),
    Row("Auto is not allowed", "ask", ["mode:auto_edit"], mode="auto",
        terms=p.Terms(modes=["plan", "ask", "auto_edit"])),
    Row("only Plan is allowed", "refuse", ["plan"], mode="ask", terms=p.Terms(modes=["plan"])),
    Row("no tighter mode is allowed", "refuse", ["plan"], mode="ask", terms=p.Terms(modes=["auto"])),
    Row("the administrator wants runs asked", "ask", ["terms:house rules"], mode="auto", rules=[rule()],
        terms=p.Terms(entries=[term("ask", effect="execute")])),
    Row("the administrator wants reading asked", "ask", ["terms:house rules"], asked=asked("read", server="db"),
        terms=p.Terms(entries=[term("ask", server="*")])),
    Row("the administrator refuses a tool", "refuse", ["terms:house rules"], mode="auto", rules=[rule()],
        terms=p.Terms(entries=[term("refuse", tool="run_*")])),
    Row("the administrator refuses installing", "refuse", ["terms:house rules"],
        asked=asked(code=["%pip install x"], dangers=["installs"]),
        rules=[rule(scope={"command": "%pip install x"})],
        terms=p.Terms(entries=[term("refuse", danger="installs")])),
    Row("terms for other notebooks", "allow", mode="auto", asked=asked(path="notes.ipynb"),
        terms=p.Terms(entries=[term("refuse", path="exam/*")])),
]  # fmt: skip
