"""A terminal is no canvas: no text moves the cursor, hides, or begins a line that could pass for one of ours."""

from __future__ import annotations

import io
import json
import random
import sys
import unicodedata
from typing import Any

import pytest
from pexpect.ANSI import ANSI

from jupyter_copilot import protocol as p
from jupyter_copilot.cli.card import print_card
from jupyter_copilot.cli.main import main
from jupyter_copilot.cli.terminal import INDENT, Terminal, as_json, inline, pour
from jupyter_copilot.cli.watch import Printer
from jupyter_copilot.core import state as s

from ..builders import Fold, post
from ..hostile import SOURCES

FORGED = "12:05 ● Delete 10,000 rows: Approve, decided by Bob."
FORGERIES = {
    "newline": f"hi\n{FORGED}",
    "carriage return": f"hi\r{FORGED}",
    "windows": f"hi\r\n{FORGED}",
    "vertical tab": f"hi\v{FORGED}",
    "form feed": f"hi\f{FORGED}",
    "next line": f"hi\x85{FORGED}",
    "line separator": f"hi\u2028{FORGED}",
    "paragraph separator": f"hi\u2029{FORGED}",
    "cursor": f"hi\x1b[1E{FORGED}",
    "cursor home": f"hi\x1b[H{FORGED}",
    "clear": f"\x1b[2J\x1b[H{FORGED}",
    "C1 cursor": f"hi\x9b1E{FORGED}",
    "C1 index": f"hi\x84\x85{FORGED}",
    "title": f"\x1b]0;owned\x07hi\n{FORGED}",
    "backspaces": "hi" + "\b" * 40 + FORGED,
    "wrapped": "hi".ljust(80 - 7) + FORGED,
    "wrapped by wide letters": "語" * 37 + FORGED,
    "wrapped by tabs": "\t" * 10 + FORGED,
    "many lines": "hi" + "\n" * 30 + FORGED,
}


def draw(text: str, columns: int = 80) -> list[str]:
    """What a terminal shows, with what scrolled out at the top."""
    screen = ANSI(400, columns)
    for char in text.replace("\n", "\r\n"):
        screen.process(char)
    return [line.rstrip() for line in str(screen).split("\n")]


def printed(write: Any, width: int | None = 80) -> str:
    out = io.StringIO()
    write(Terminal(out, width))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, None])
@pytest.mark.parametrize("text", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.parametrize("chunk", [None, 1, 7])
def test_no_message_begins_a_line(text: str, chunk: int | None, width: int | None) -> None:
    def write(terminal: Terminal) -> None:
        if chunk is None:
            terminal.line(f"12:04 Mallory: {text}")
        else:
            terminal.stream("12:04 Mallory: ")
            for start in range(0, len(text), chunk):
                terminal.stream(text[start : start + chunk])
        terminal.line("12:06 Alice: well")

    out = printed(write, width)
    shown = [line for line in (draw(out) if width else out.split("\n")) if line]
    assert shown[0].startswith("12:04 Mallory: ") and shown[-1] == "12:06 Alice: well"
    assert all(line.startswith(INDENT.rstrip() or " ") for line in shown[1:-1]), shown
    assert FORGED[6:20] in "".join(line.strip() for line in shown), "nothing is swallowed"


@pytest.mark.parametrize("hostile", SOURCES, ids=lambda hostile: hostile.name)
def test_a_hostile_source_is_drawn_as_what_it_is(hostile: Any) -> None:
    out = printed(lambda terminal: terminal.line(hostile.source, "", ""), None)
    assert out == hostile.visible.replace("→\t", "→   ") + "\n"


def test_no_character_of_unicode_reaches_a_terminal_that_moves_or_hides() -> None:
    for number in range(sys.maxunicode + 1):
        char = chr(number)
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") and char != "\n":
            assert char not in inline(f"a{char}b"), hex(number)
    assert inline("a\nb") == "a⟨U+000A⟩b"


def test_a_stream_in_pieces_reads_as_the_whole() -> None:
    text = "naïve café हिन्दी 👩‍👩‍👧 done\r\nnext\r\nlast"
    whole = printed(lambda terminal: terminal.line(text))
    rng = random.Random(3)
    for _ in range(50):
        cuts = sorted(rng.sample(range(len(text)), 4))

        def write(terminal: Terminal, cuts: list[int] = cuts) -> None:
            for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
                terminal.stream(text[start:end])
            terminal.end()

        assert printed(write).count("\n") == whole.count("\n")
        assert "\r" not in printed(write)


def test_what_the_terminals_encoding_lacks_is_written_as_its_number() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Terminal(out).line("✓ café")
    out.flush()
    assert out.buffer.getvalue() == b"\\u2713 caf\\xe9\n"


@pytest.mark.parametrize("text", FORGERIES.values(), ids=FORGERIES)
def test_names_titles_and_answers_forge_no_line_of_watch(text: str) -> None:
    fold = Fold()
    mallory = p.Actor(kind="person", id="mallory", name=f"Mallory {text}")
    fold.do(post("hello"), by=mallory)
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title=text[:200] or "x", body=text), by=mallory)
    out = io.StringIO()
    printer = Printer(Terminal(out, 80))
    for record in fold.records:
        printer.record(record, fold.state)
    delta = p.TextDelta(run_id=p.RunId("r"), step=1, message_id=p.MessageId("a"), text=text)
    printer.record(p.Record(seq=99, at=0, actor=mallory, event=delta), fold.state)
    printer.end()
    lines = [line for line in draw(out.getvalue()) if line]
    assert not any(line.startswith(FORGED[:14]) for line in lines), lines


@pytest.mark.parametrize(
    "hostile", [h for h in SOURCES if h.name != "lone surrogates"], ids=lambda hostile: hostile.name
)  # what is not Unicode never gets into a room
def test_the_card_shows_all_of_what_would_run(hostile: Any) -> None:
    fold = Fold()
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Go on?", body=hostile.source or "-"))
    opened = fold.state.confirmations["q"]
    assert isinstance(opened, s.Open)
    out = printed(lambda terminal: print_card(terminal, opened, fold.state), 80)
    body = [line for line in out.split("\n") if line.startswith("  │ ")]
    joined = "\n".join(line.removeprefix("  │ ") for line in body).replace("\n↪ ", "")
    assert joined == (hostile.visible or "-").replace("→\t", "→   ")
    assert (" ! " in out) == bool(hostile.hazards)
    assert opened.args_hash in out and "confirm (Confirm)" in out and "  id       q" in out
    assert max(len(line) for line in out.split("\n")) < 80


def test_an_error_of_a_server_forges_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rooms", "--url", "http://127.0.0.1:9/\x1b[2J\n● forged"]) == 1
    err = capsys.readouterr().err
    assert "\x1b" not in err and "\n●" not in err


def test_json_in_a_terminal_moves_and_hides_nothing() -> None:
    shown = as_json({"text": "\x9b2J\u202e\u200b\x1b]8;;x", "said": p.MAIN_THREAD})
    assert shown.isascii() and shown.isprintable()
    assert json.loads(shown)["text"] == "\x9b2J\u202e\u200b\x1b]8;;x"


def test_no_row_of_a_long_document_begins_as_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("COLUMNS", "60")
    pour("12:00  Mallory said " + "x" * 38 + "12:01  Alice approved it\n")
    first, second = out.getvalue().splitlines()
    assert first.startswith("12:00") and second.startswith("  ↪ ")
