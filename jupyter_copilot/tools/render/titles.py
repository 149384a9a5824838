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
    actions = dict.fromkeys(diff.action for diff in diffs)
    phrases = [_several(action, [diff for diff in diffs if diff.action == action]) for action in actions]
    title = listed(phrases)
    return title[:1].upper() + title[1:]


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
