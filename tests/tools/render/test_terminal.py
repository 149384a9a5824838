"""What a terminal would show of a program's output."""

from __future__ import annotations

import time

import pytest

from jupyter_copilot.tools.render.terminal import screen_text

NESTED = "".join(
    f"\router {outer}/20" + "".join(f"\n\rinner {inner}/50\x1b[A" for inner in range(50)) for outer in range(20)
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("dos\r\nline\r\n", "dos\nline\n"),
        ("\x1b[1;31mred\x1b[0m \x07bell\x00", "red bell"),
        ("\x1b]8;;http://a.b\x07link\x1b]8;;\x1b\\ \x1bP1;2qsixel\x1b\\.", "link ."),
        ("10%\r 20%\rdone", "done"),
        ("long line\rshort", "shortline"),
        ("long line\r\x1b[Kshort", "short"),
        ("12345\b\b\bxy", "12xy5"),
        ("spin /\b \b", "spin"),
        (NESTED, "outer 19/20\ninner 49/50"),
        ("one\ntwo\n\x1b[2A\x1b[2Knew", "new\ntwo\n"),
        ("one\ntwo\n\x1b[1F\x1b[4Gs", "one\ntwos\n"),
        ("one\ntwo\n\x1b[99Ax", "xne\ntwo\n"),
        ("ab\x1b[2Cc\x1b[4Dx", "ax  c"),
        ("one\n\x1b7two\x1b8T", "one\nTwo"),
        ("one\ntwo\x1b[s\x1b[Hx\x1b[u!", "xne\ntwo!"),
        ("old\nold\x1b[H\x1b[2Jnew", "new\n"),
        ("one\ntwo\x1b[A\x1b[J", "one"),
        ("abc\r\x1b[Px", "xc"),
        ("abc\r\x1b[@x", "xabc"),
        ("abc\r\x1b[2Xx", "x c"),
        ("abc\x1b[1Jd", "   d"),
        ("half an escape \x1b[", "half an escape "),
    ],
)
def test_the_text_is_what_a_terminal_shows_in_the_end(raw: str, shown: str) -> None:
    assert screen_text(raw) == shown


def test_what_has_scrolled_out_of_the_screen_stays() -> None:
    lines = [f"line {n}" for n in range(200)]
    shown = screen_text("\n".join(lines) + "\x1b[1000A\r\x1b[Kchanged").split("\n")
    assert shown[:150] == lines[:150] and shown[150] == "changed" and shown[151:] == lines[151:]


FLOODS = ["\ra", "\x1b[A", "a\b", "\n\x1b[A\x1b[K", "\x1b[1000Cx\n", "\x1b[@", "a\r\x1b[1000@", "\x1b[2J", "x\x1b[1K"]


@pytest.mark.parametrize("piece", FLOODS)
def test_no_output_takes_long_or_grows(piece: str) -> None:
    raw = piece * (200_000 // len(piece))
    began = time.process_time()
    shown = screen_text(raw)
    assert len(shown) < 3_000_000
    assert time.process_time() - began < 2


def test_a_long_line_that_is_erased_over_and_over_costs_little() -> None:
    began = time.process_time()
    screen_text("x" * 100_000 + "\x1b[1K\x1b[P" * 20_000)
    assert time.process_time() - began < 2
