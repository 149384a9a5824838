"""Patterns fit what a regular expression would, and take time that grows as the text does."""

from __future__ import annotations

import random
import re

import pytest

from jupyter_copilot.core.permissions.patterns import fits_command, fits_name


def wildcard(pattern: str, star: str) -> re.Pattern[str]:
    return re.compile(star.join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


@pytest.mark.parametrize("seed", range(20))
def test_they_fit_what_the_regular_expression_fits(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(500):
        pattern = "".join(chance.choices("ab *", weights=[3, 2, 1, 3], k=chance.randrange(7)))
        text = "".join(chance.choices("ab ", weights=[4, 3, 1], k=chance.randrange(9)))
        command = wildcard(pattern.strip(), "[A-Za-z0-9_.,:@%+-]*").fullmatch(text.strip()) is not None
        assert fits_command(pattern, text) is command, (pattern, text)
        assert fits_name(pattern, text) is (wildcard(pattern, ".*").fullmatch(text) is not None), (pattern, text)


@pytest.mark.parametrize("end", ["b", "*b"])
def test_a_pattern_of_many_stars_keeps_nobody_waiting(end: str) -> None:
    assert not fits_command("a*" * 60 + end, "a" * 100_000)
    assert not fits_name("a*" * 60 + end, "a" * 100_000)
    assert fits_name("a*" * 60, "a" * 100_000)
