"""Cells of files without ids: everybody calls them the same, whoever looks first and whatever changes."""

from __future__ import annotations

import random

import pytest

from jupyter_copilot.notebooks.cell_ids import MOST_COMPARED, CellIds, aligned


def test_a_first_look_gives_ids_that_follow_from_the_content() -> None:
    assert CellIds().named(["a", "b", "a"]) == CellIds().named(["a", "b", "a"])
    assert len(set(CellIds().named(["a", "a", "a"]))) == 3


@pytest.mark.parametrize(
    ("now", "called"),
    [
        ("abcd", "1234"),
        ("abXd", "1234"),  # changed
        ("abXcd", "12-34"),  # inserted
        ("abd", "124"),  # deleted
        ("dabc", "4123"),  # moved
        ("Xbcd", "1234"),
        ("abcX", "1234"),
        ("daXc", "4123"),  # moved, and another one changed
        ("", ""),
        ("XYZW", "1234"),
        ("abcdX", "1234-"),
    ],
)
def test_cells_are_called_what_they_were_before(now: str, called: str) -> None:
    assert "".join(each or "-" for each in aligned("1234", "abcd", now)) == called


def test_ids_are_never_given_twice_whatever_happens() -> None:
    chance = random.Random(7)
    ids, cells = CellIds(), list("aabbcdef")
    for _ in range(300):
        named = ids.named(cells)
        assert len(set(named)) == len(cells) == len(named)
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(cells) + 1)
            match chance.randrange(3):
                case 0:
                    cells.insert(at, chance.choice("abcdefghij"))
                case 1 if cells:
                    cells.pop(at % len(cells))
                case _ if cells:
                    cells.insert(at % len(cells), cells.pop())


def test_what_a_tab_calls_its_cells_goes() -> None:
    ids = CellIds()
    ids.named(["a", "b"])
    ids.learn(["one", "mine", "two"], ["a", "new", "b"])
    assert ids.named(["a", "new", "b changed"]) == ["one", "mine", "two"]


def test_what_the_log_knows_of_before_goes_unless_two_cells_read_so() -> None:
    ids = CellIds(lambda: {"a": "old", "b": "two"})
    named = ids.named(["a", "b", "b"])
    assert named[0] == "old"
    assert "two" not in named


def test_a_large_notebook_that_is_another_altogether_is_named_without_comparing_all_with_all() -> None:
    before = [f"v{n}" for n in range(MOST_COMPARED + 1)]
    ids = [f"i{n}" for n in range(len(before))]
    now = ["new", *reversed(before)]
    assert aligned(ids, before, now)[1:] == ids[::-1]
    assert len(set(CellIds().named(["same"] * 6_000))) == 6_000
