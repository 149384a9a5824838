"""Nothing in what a person is shown hides, poses as something else, or stands where nobody looks."""

from __future__ import annotations

import random
import sys
import time
import unicodedata

import pytest

from jupyter_copilot.core.visible_text import WARNINGS, hazards, visible

from ..hostile import SOURCES, Hostile


@pytest.mark.parametrize("hostile", SOURCES, ids=lambda hostile: hostile.name)
def test_a_source_is_drawn_as_what_it_is(hostile: Hostile) -> None:
    assert visible(hostile.source) == hostile.visible
    assert hazards(hostile.source) == hostile.hazards


def test_the_corpus_has_every_kind_of_hazard_and_texts_without_any() -> None:
    assert {hazard for hostile in SOURCES for hazard in hostile.hazards} == set(WARNINGS)
    assert any(not hostile.hazards for hostile in SOURCES)


def test_no_character_of_unicode_is_drawn_unseen_or_moves_what_stands_around_it() -> None:
    for number in range(sys.maxunicode + 1):
        char = chr(number)
        category = unicodedata.category(char)
        if category in ("Co", "Cn") and number % 97:
            continue  # there are a million of them, all alike
        if category[0] in "CZ" and char not in "\n " and not 0x1F000 <= number <= 0x1FAFF:
            shown = visible(f"a{char}b")
            assert shown != f"a{char}b" and (char == "\t" or char not in shown.replace("\n", "")), hex(number)
        elif category == "Me":
            assert char not in visible(f"a{char}b"), hex(number)


def test_a_long_line_is_never_pushed_away_by_what_is_drawn_as_nothing() -> None:
    rng = random.Random(7)
    nothing = [" ", "\t", "\u00a0", "\u200b", "\u2800", "\u3164", "\ufeff", "\u2028", "\x00"]
    for _ in range(300):
        blanks = "".join(rng.choice(nothing) * rng.randint(1, 400) for _ in range(rng.randint(1, 3)))
        shown = visible(f"a{blanks}b")
        assert len(shown) < 160 and shown.startswith("a") and shown.endswith("b")


def test_nothing_in_a_text_can_pose_as_a_mark_of_ours() -> None:
    assert visible("⟨U+202E⟩ ⟨60 empty lines⟩ ⟨a|b⟩") == "⟨⟨U+27E8⟩U+202E⟩ ⟨⟨U+27E8⟩60 empty lines⟩ ⟨a|b⟩"


def ascii_start(text: str) -> str:
    return ascii(text[:2])


@pytest.mark.parametrize(
    "text", [" " * 300_000 + "\n", "\t \n" * 60_000 + "x", "\u0430" * 100_000, "a\u0301" * 50_000], ids=ascii_start
)
def test_a_long_text_takes_time_that_grows_with_its_length_only(text: str) -> None:
    began = time.process_time()
    visible(text)
    assert time.process_time() - began < 5
