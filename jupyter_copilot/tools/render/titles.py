"""The one line that people read before they decide: what will happen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...protocol import CellAction, CellDiff

_VERBS: dict[CellAction, str] = {
    "insert": "insert",
    "edit": "edit",
    "delete": "delete",
    "move": "move",
    "retype": "change the type of",
    "run": "run",
}
_TYPES = {"code": "code", "markdown": "Markdown", "raw": "raw"}


def title_of(diffs: Sequence[CellDiff], run: Sequence[str]) -> str:
    """Such as "Edit and run cell 4", or "Insert 2 cells, edit cell 4 and delete cells 7 and 9"."""
    if len(diffs) == 1:
        return _one(diffs[0], runs=diffs[0].cell_id in run)
    actions = dict.fromkeys(diff.action for diff in diffs if diff.action != "run")
    phrases = [_several(action, [diff for diff in diffs if diff.action == action]) for action in actions]
    title = listed([*phrases, *_runs(diffs, run)])
    return title[:1].upper() + title[1:]


def _runs(diffs: Sequence[CellDiff], run: Sequence[str]) -> list[str]:
    """What runs, beside changes or alone."""
    unchanged = [diff for diff in diffs if diff.action == "run"]
    if len(unchanged) == len(run):
        return [_several("run", unchanged)] if run else []
    changed = {diff.cell_id for diff in diffs if diff.action in ("insert", "edit") and diff.cell_type == "code"}
    if set(run) == changed:
        return ["run it" if len(run) == 1 else "run them"]
    return [f"run {len(run)} cell{'s' * (len(run) > 1)}"]


def with_restart(title: str, restart: bool, run: Sequence[str]) -> str:
    """The title, saying when the kernel is restarted."""
    if not restart:
        return title
    if not title:
        return "Restart the kernel; all variables are lost"
    if not run:
        return f"{title}; restart the kernel, all variables are lost"
    return f"{title}; before the runs the kernel is restarted, and all variables are lost"


def ranges(numbers: Sequence[int]) -> str:
    """Such as "cells 2–5, 9"."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    said = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)
    return f"cell {said}" if len(numbers) == 1 else f"cells {said}"


def listed(words: Sequence[str]) -> str:
    """The words as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _one(diff: CellDiff, *, runs: bool) -> str:
    also = " and run" if runs and diff.action != "run" else ""
    match diff.action:
        case "insert":
            kind = "" if diff.cell_type == "code" else f"{_TYPES[diff.cell_type]} "
            return f"Insert{also} a {kind}{diff.label.removeprefix('new ')}"
        case "retype":
            return f"Make {diff.label} {_TYPES[diff.cell_type]}"
        case action:
            return f"{_VERBS[action].capitalize()}{also} {diff.label}"


def _several(action: CellAction, diffs: Sequence[CellDiff]) -> str:
    if action == "insert":
        return f"insert {_count(diffs)}"
    return f"{_VERBS[action]} {_cells(diff.label for diff in diffs)}"


def _count(diffs: Sequence[CellDiff]) -> str:
    return "a cell" if len(diffs) == 1 else f"{len(diffs)} cells"


def _cells(labels: Iterable[str]) -> str:
    """ "cell 4", "cells 4 and 7", or their count when there are many."""
    numbers = [label.split()[1] for label in labels]
    if len(numbers) > 5:
        return f"{len(numbers)} cells"
    return f"cell{'s' * (len(numbers) > 1)} {listed(numbers)}"
