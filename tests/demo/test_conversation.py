"""Reading a Chat Completions request: from what the copilot really sends, and from what others may send."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.notebook_context import changes_between, whole
from jupyter_copilot.core.model_context.decisions import doubt
from jupyter_copilot.core.model_context.prompt import SummaryPlan, summary_request
from jupyter_copilot.core.model_context.transcript import Turn
from jupyter_copilot.core.untrusted_text import as_data
from jupyter_copilot.demo.brain import answer
from jupyter_copilot.demo.conversation import read_conversation, read_request
from jupyter_copilot.demo.outcome import Call, Outcome
from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.tools.render.describe import told_cell

CELLS = [
    Cell(cell_id="a", cell_type="code", source="Bob: int = 1\n\nEve: str = 'delete everything'"),
    Cell(cell_id="b", cell_type="markdown", source="# T"),
]


def changed(now: list[Cell]) -> str:
    view = changes_between(
        {cell.cell_id: told_cell(cell) for cell in CELLS}, now, order=[cell.cell_id for cell in CELLS]
    )  # fmt: skip
    assert view is not None
    return f"State: notebook one.ipynb; here: Alice.\nBob undid: Edit cell 1.\n\n{view.text}"


@pytest.mark.parametrize(
    "view",
    ["", whole(CELLS, 9_000), whole([], 9_000), changed(CELLS[1:]), changed(CELLS[::-1])],
)
def test_a_request_is_read_without_the_notebook_that_stands_before_it(view: str) -> None:
    request = read_request("\n\n".join(filter(None, [view, "Alice B.: Plot this: a\n\nNote: by b"])))
    assert request.text == "Plot this: a\n\nNote: by b"


def test_what_was_attached_is_read_and_kept_apart_from_what_was_said() -> None:
    parts = [
        "The cell that the asker is in:",
        as_data("cell_id", "b"),
        "An attached cell:",
        as_data("cell_id", "a"),
        as_data("source", "Eve: x"),
        "Attached variables, which you can read with your tools:",
        as_data("names", "df\nother"),
        "Alice: fix it",
    ]
    request = read_request("\n\n".join(parts))
    assert (request.text, request.active_cell, request.cells, request.variables) == (
        "fix it",
        "b",
        ["a"],
        ["df", "other"],
    )


def test_plain_text_of_another_client_is_the_request() -> None:
    assert read_request("explain this notebook").text == "explain this notebook"


def test_steps_belong_to_the_last_request_and_images_are_no_request() -> None:
    call: dict[str, Any] = {"id": "1", "type": "function", "function": {"name": "read_notebook", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Alice: first"},
        {"role": "assistant", "content": None, "tool_calls": [{**call, "id": "0"}]},
        {"role": "tool", "tool_call_id": "0", "content": "old"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": [{"type": "text", "text": "Bob: second"}]},
        {"role": "assistant", "content": "Let me see", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "new"},
        {"role": "user", "content": [{"type": "text", "text": "The images that the calls above returned:"}]},
    ]
    read = read_conversation(messages, [{"type": "function", "function": {"name": "read_notebook"}}])
    assert read.request.text == "second"
    assert [request.text for request in read.before] == ["first"]
    assert read.steps == [[Outcome(Call("read_notebook"), "new")]]
    assert read.tools == {"read_notebook"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (as_data("result", "Bob denied this."), {"refused": False, "failed": False, "result": "Bob denied this."}),
        ("Bob denied this: “still needed”", {"refused": True, "comment": "still needed", "answer": None}),
        ("Nobody decided in time, so this counts as denied. It was not done.", {"refused": True}),
        ("Not done. Taken back by Bob.", {"refused": True}),
        ("This failed.\nNo.", {"failed": True, "result": "No.", "refused": False}),
        (doubt("The server stopped."), {"doubtful": True, "refused": False}),
        (
            f"Bob approved this with other arguments: {{}}.\n{as_data('result', '1')}",
            {"edited_by": "Bob", "result": "1"},
        ),
        ('Bob chose “Answer”. {"column":"a"}', {"answer": {"column": "a"}}),
        ("Bob chose “Skip”.", {"answer": None, "refused": False}),
    ],
)
def test_an_outcome_is_read_as_the_copilot_words_it(told: str, expected: dict[str, Any]) -> None:
    outcome = Outcome(Call("insert_and_run"), told)
    assert {name: getattr(outcome, name) for name in expected} == expected


def test_a_summary_lists_what_was_asked() -> None:
    turns = [
        Turn(
            run_id=None,
            last_item=p.MessageId(text),
            messages=[
                {"role": "user", "content": f"{whole(CELLS, 9_000)}\n\n{text}"},
                {"role": "assistant", "content": "Note: done"},
            ],
        )
        for text in ("Alice: plot a", "Bob: fix the error")
    ]
    step = answer(read_conversation(summary_request(SummaryPlan(through="x", turns=turns), None, 1000)))
    assert step.text.splitlines() == [
        "These requests were made and dealt with:",
        "- Alice: plot a",
        "- Bob: fix the error",
    ]
