"""Markup in an answer's text: thinking and calls are told apart from what is said, however the text is cut up."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest

from jupyter_copilot.models.stream.markup import Markup
from jupyter_copilot.ports.model import ReasoningPart, TextPart

TOOLS = ("read_cell", "read_notebook", "edit_cell", "run_cell", "run_cells")
READ = [("read_cell", {"cell_id": "c1"})]
ARGS = '{"cell_id": "c1"}'
NAMED = '{"name": "read_cell", "arguments": {"cell_id": "c1"}}'
INVOKED = '<invoke name="read_cell">\n<parameter name="cell_id">c1</parameter>\n</invoke>'

Heard = tuple[str, str, list[tuple[str, object]]]


def heard(pieces: Sequence[str], **options: bool) -> Heard:
    markup = Markup(TOOLS, **options)
    parts = [part for piece in pieces for part in markup.feed(piece)] + markup.finish()
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    reasoning = "".join(part.text for part in parts if isinstance(part, ReasoningPart))
    return reasoning, text, [(call.tool, call.args) for call in markup.calls]


def cuts(text: str) -> list[list[str]]:
    """The text in one piece, in characters, in two pieces, and at random places."""
    random_cuts = []
    for seed in range(5):
        places = sorted(random.Random(seed).sample(range(len(text)), min(len(text), 6)))
        random_cuts.append([text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)])
    return [[text], list(text), *([text[:n], text[n:]] for n in range(1, len(text), 3)), *random_cuts]


@pytest.mark.parametrize(
    ("written", "reasoning", "text"),
    [
        ("<think>\nIt is 42.\nLet me see.</think>\n\nIt is **42**.", "It is 42.\nLet me see.", "It is **42**."),
        ("<thinking>Hm.</thinking>Yes.", "Hm.", "Yes."),
        ("\n<think>Hm.</think>Yes.", "Hm.", "\nYes."),
        ("<THINK>Hm.</THINK>\nYes.", "Hm.", "Yes."),
        ("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes."),
        ("◁think▷Hm.◁/think▷Yes.", "Hm.", "Yes."),
        ("<think>Hm.</think >Yes.", "Hm.", "Yes."),
        ("<think >Hm.</think>\n\nYes.", "Hm.", "Yes."),
        ("<think>\n\n</think>\n\nYes.", "", "Yes."),
        ("<think>a < b and </thin air</think>Yes.", "a < b and </thin air", "Yes."),
        ("<think>One.</think>\n<think>Two.</think>\nYes.", "One.Two.", "Yes."),
        ("First.\n<think>Hm.</think>\nYes.", "Hm.", "First.\nYes."),
        ("<think>It goes on", "It goes on", ""),
        ("</think>\n\nYes.", "", "Yes."),
        (
            "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.<|return|>",
            "Hm.",
            "Yes.",
        ),
        ("<|start|>assistant<|channel|>final<|message|>Yes.", "", "Yes."),
        ("<|channel|>commentary<|message|>I look.<|end|>", "", "I look."),
        ("Yes.<|im_end|>", "", "Yes."),
        ("Yes.<|eot_id|>\n", "", "Yes."),
        ("Yes.</s>", "", "Yes."),
    ],
)
def test_thinking_is_told_apart_from_the_answer(written: str, reasoning: str, text: str) -> None:
    for pieces in cuts(written):
        assert heard(pieces) == (reasoning, text, []), pieces


@pytest.mark.parametrize(
    "text",
    [
        "Models write `<think>` and `</think>` around it.",
        "Use the <think> tag.\nIt ends with </think>, then the answer comes.",
        "```xml\n<think>\nHm.\n</think>\n```\nThat is all.",
        "~~~\n<tool_call>\n" + NAMED + "\n</tool_call>\n~~~\n",
        "    <think>\nis code here",
        "Look:\n<think> begins a thought that nothing ends.",
        "</think> is what ends it.",
        "The <|channel|> token of gpt-oss, and <|start|>.",
        "<|channel|> is a token of gpt-oss.",
        "It ends with <|im_end|>, then comes the next turn.",
        "In Hermes' format, <tool_call>" + NAMED + "</tool_call> calls a tool.",
        "`<tool_call>` begins a call.",
        "<tool_call> begins a call in Hermes' format.",
        "Send this:\n```json\n" + NAMED + "\n```\nand the cell comes back.",
        'A call of no tool:\n```json\n{"name": "fly", "arguments": {"to": "Mars"}}\n```',
        '```json\n{"name": "Ann", "age": 7}\n```',
        '```json\n{"a": 1}\n```',
        '{"name": "Ann", "args": "none"}',
        '{"x": [1, 2]} is the value.',
        "[1, 2, 3]",
        "[read_cell](https://example.org) is a tool.",
        "read_cell(cell_id) reads a cell.",
        "if a < b and b > c: x[0] = {1: 2}",
        "a <b>bold</b> word, `code` and ``a ` b``\n- [ ] to do\n- [x] done\n",
        "``` is a fence. ~~~ too.",
        "```python\nprint('<think>')\n```",
        "x\n\n```\nfoo",
        "[TOOL_CALLS] is Mistral's mark.",
        "unfinished <",
        "unfinished `",
        "",
        " ",
    ],
)
def test_text_that_merely_speaks_of_marks_stays(text: str) -> None:
    for pieces in cuts(text):
        assert heard(pieces) == ("", text, []), pieces


@pytest.mark.parametrize(
    "written",
    [
        f"<tool_call>\n{NAMED}\n</tool_call>",
        f"<tool_call>{NAMED}",
        f"<tool_call>\n{NAMED}\n</tool_call><|im_end|>",
        f"<tool_call>\n{NAMED}\n</tool_call>\n<tool_response>\nx = 1\n</tool_response>",
        "<tool_call>\n{'name': 'read_cell', 'arguments': {'cell_id': 'c1',}}\n</tool_call>",
        '<tool_call>{"name": "functions.read_cell", "arguments": "{\\"cell_id\\": \\"c1\\"}"}</tool_call>',
        "<tool_call>\n<function=read_cell>\n<parameter=cell_id>\nc1\n</parameter>\n</function>\n</tool_call>",
        "<tool_call>read_cell\n<arg_key>cell_id</arg_key>\n<arg_value>c1</arg_value>\n</tool_call>",
        f"<function=read_cell>{ARGS}</function>",
        f"<function_calls>\n{INVOKED}\n</function_calls>",
        f"<minimax:tool_call>\n{INVOKED}\n</minimax:tool_call>",
        f"<function_call>{NAMED}</function_call>",
        f"[TOOL_CALLS][{NAMED}]",
        f"[TOOL_CALLS]read_cell[ARGS]{ARGS}",
        f"[TOOL_CALLS]read_cell[CALL_ID]a1b2c3d4e[ARGS]{ARGS}</s>",
        f"[TOOL_REQUEST]{NAMED}[END_TOOL_REQUEST]",
        f"<|tool_call|>[{NAMED}]",
        f"<|python_tag|>{NAMED.replace('arguments', 'parameters')}",
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read_cell\n```json\n{ARGS}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_cell<｜tool▁sep｜>{ARGS}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.read_cell:0<|tool_call_argument_begin|>{ARGS}<|tool_call_end|><|tool_calls_section_end|>",
        f"<|channel|>commentary to=functions.read_cell <|constrain|>json<|message|>{ARGS}<|call|>",
        f"<|start|>assistant to=functions.read_cell<|channel|>commentary json<|message|>{ARGS}",
        f"```json\n{NAMED}\n```",
        f"```\n{NAMED}\n```\n",
        f"```tool_call\n{NAMED}\n```",
        '```tool_code\nread_cell(cell_id="c1")\n```',
        '[read_cell(cell_id="c1")]',
        NAMED,
        '{"type": "function", "function": {"name": "read_cell", "arguments": "{\\"cell_id\\": \\"c1\\"}"}}',
    ],
)
def test_a_call_that_is_written_as_text_is_a_call(written: str) -> None:
    for pieces in cuts(written):
        assert heard(pieces) == ("", "", READ), pieces


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (f"I read it.\n<tool_call>\n{NAMED}\n</tool_call>", "I read it.\n"),
        (f"I read it. <tool_call>{NAMED}</tool_call>", "I read it. "),
        (f"I read it.[TOOL_CALLS]read_cell[ARGS]{ARGS}", "I read it."),
        (f"I read it:\n\n```json\n{NAMED}\n```", "I read it:\n\n"),
        (f"<tool_call>\n{NAMED}\n</tool_call>\nNow I wait.", "Now I wait."),
    ],
)
def test_what_is_said_beside_a_call_stays(written: str, text: str) -> None:
    for pieces in cuts(written):
        assert heard(pieces) == ("", text, READ), pieces


def test_several_calls_come_in_their_order() -> None:
    run = '{"name": "run_cells", "arguments": {"cell_ids": ["a", "b"]}}'
    both = [*READ, ("run_cells", {"cell_ids": ["a", "b"]})]
    for written in (
        f"<tool_call>\n{NAMED}\n</tool_call>\n<tool_call>\n{run}\n</tool_call>",
        f"<think>Hm.</think>[TOOL_CALLS][{NAMED}, {run}]",
        f"[TOOL_CALLS]read_cell[ARGS]{ARGS}[TOOL_CALLS]run_cells[ARGS]{json.dumps({'cell_ids': ['a', 'b']})}",
        f"[{NAMED}, {run}]",
        '[read_cell(cell_id="c1"), run_cells(cell_ids=["a", "b"])]',
    ):
        for pieces in cuts(written):
            assert heard(pieces)[2] == both, pieces


def test_a_source_with_marks_in_it_is_kept_to_the_letter() -> None:
    source = "x = '</think>'\n```\n<tool_call>\n"
    written = json.dumps({"name": "edit_cell", "arguments": {"cell_id": "c1", "source": source}})
    for pieces in cuts(f"<tool_call>\n{written}\n</tool_call>"):
        assert heard(pieces) == ("", "", [("edit_cell", {"cell_id": "c1", "source": source})])


def test_a_call_that_was_cut_off_is_a_call_with_arguments_that_cannot_be_read() -> None:
    written = '<tool_call>\n{"name": "edit_cell", "arguments": {"cell_id": "c1", "source": "x ='
    for pieces in cuts(written):
        assert heard(pieces) == ("", "", [("edit_cell", None)])


def test_text_whose_template_begins_the_thinking_begins_in_thought() -> None:
    for pieces in cuts("The user wants 42.\n</think>\n\nIt is 42."):
        assert heard(pieces, thinking=True) == ("The user wants 42.", "It is 42.", [])
        markup = Markup(TOOLS)
        said = "".join(part.text for piece in pieces for part in markup.feed(piece))
        said += "".join(part.text for part in markup.finish())
        assert markup.closed_late
        assert (said[: markup.thought].strip(), said[markup.thought :]) == ("The user wants 42.", "It is 42.")


def test_no_text_is_thought_where_its_end_is_a_word_about_marks_or_nothing_was_said_before() -> None:
    for text in ("Write </think> at the end.", "<think>\nHm.\n</think>\nIt is 42.", "</think>\nIt is 42.", "It is 42."):
        for pieces in cuts(text):
            markup = Markup(TOOLS)
            for piece in pieces:
                markup.feed(piece)
            markup.finish()
            assert markup.thought == 0


def test_plain_text_is_told_as_it_comes() -> None:
    markup = Markup(TOOLS)
    pieces = ["The ", "mean ", "is 4.2.\n", "\n```python\n", "x = {", "1: 2}\n", "```\n", "<b", "> Done"]
    assert [[part.text for part in markup.feed(piece)] for piece in pieces] == [
        ["The "], ["mean "], ["is 4.2.\n"], ["\n```python\n"], ["x = {"], ["1: 2}\n"], ["```\n"], ["<b"], ["> Done"]
    ]  # fmt: skip


def test_reading_takes_linear_time() -> None:
    markup, text = Markup(TOOLS), "```json\n" + '{"name": "x", "b": "' + "a\\n" * 100_000
    for at in range(0, len(text), 20):
        markup.feed(text[at : at + 20])
    assert "".join(part.text for part in markup.finish()) == text
