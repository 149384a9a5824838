"""What broke with real model servers, played over HTTP: the run ends as it should, and the next question works."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.ports.notebook import Cell, version_of
from jupyter_copilot.testing import ManualClock, ScriptedRun
from jupyter_copilot.testing.fault_server import FaultServer, Request, decode_script
from jupyter_copilot.testing.replies import Raw, Reply, answer, deltas, ending, refusal, stream
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools

from ..models.templates import Template, gemma, mistral
from .stage import Stage, cell
from .test_faults import _approve_all, _pass_delays

CASES = Path(__file__).parent / "cases"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Refuse = Callable[[p.JsonObject], Reply | None]


class StrictServer(FaultServer):
    """Refuses what its rule refuses, before its script is asked."""

    def __init__(self, script: list[Reply], rule: Refuse = lambda body: None) -> None:
        super().__init__(script)
        self._rule = rule
        self.refused = 0

    @override
    def take(self, request: Request) -> Reply:
        refused = self._rule(request.body)
        if refused is None:
            return super().take(request)
        self.requests.append(request)
        self.refused += 1
        return refused


def case(name: str) -> list[Reply]:
    return decode_script((CASES / f"{name}.json").read_text())


def by_template(template: Template) -> Refuse:
    def rule(body: p.JsonObject) -> Reply | None:
        words = template(body["messages"])
        return None if words is None else refusal(400, words)

    return rule


@asynccontextmanager
async def played(
    script: list[Reply],
    rule: Refuse = lambda body: None,
    *,
    cells: list[Cell],
    runs: list[ScriptedRun] | None = None,
    **model: Any,
) -> AsyncIterator[tuple[Stage, StrictServer]]:
    clock = ManualClock()
    async with StrictServer(script, rule) as server:
        client = OpenAIModelClient(server.settings(**model), clock)
        tools: Any = ToolRegistry(built_in_tools(), earlier=earlier_tools())
        async with Stage(model=client, clock=clock, cells=cells, runs=runs or [], tools=tools) as stage:
            stage.room.listen(lambda records: _pass_delays(clock, records))
            yield stage, server
        await client.close()


async def asked(stage: Stage, text: str = "go", message_id: str = "m1") -> s.Finished:
    """Ask, approve whatever is asked, and wait for the end."""
    await stage.post(text, message_id)
    if message_id == "m1":
        await _approve_all(stage)
    return await stage.over(f"{message_id}.r1")


def roles(server: StrictServer, request: int = -1) -> list[str]:
    return [str(message["role"]) for message in server.requests[request].body["messages"]]


def answers(stage: Stage) -> list[s.Complete]:
    return [message for message in stage.state.messages.values() if isinstance(message, s.Complete)]


X = cell("c1", "x = 1")


async def test_an_aside_and_then_a_question() -> None:
    async with played(case("aside-then-question"), by_template(gemma), cells=[X]) as (stage, server):
        await stage.post("Mind the gap.", "m0", run=False)
        assert (await asked(stage)).outcome == "success"
        await stage.post("And this.", "m2", run=False)
        assert (await asked(stage, "next", "m3")).outcome == "success"
        assert roles(server, 0) == ["system", "user"] and server.refused == 0
        assert "Mind the gap." in str(server.requests[0].body["messages"][1])


@pytest.mark.parametrize(("template", "refused"), [(mistral, 1), (gemma, 1)])
async def test_a_picture_after_a_tool(template: Template, refused: int) -> None:
    drawn = {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}}
    runs = [ScriptedRun(cell_id="c1", outputs=[drawn])]
    script = case("image-after-tool-strict-roles")
    async with played(script, by_template(template), cells=[X], runs=runs) as (stage, server):
        assert (await asked(stage)).outcome == "success"
        assert server.refused == refused
        assert "image_url" in str(server.requests[-1].body["messages"][-1]), "the picture is told all the same"
        assert (await asked(stage, "next", "m2")).outcome == "success"
        assert server.refused == refused, "what was learned is kept"


@pytest.mark.parametrize("images", [True, False])
async def test_a_model_that_sees_no_pictures_is_told_of_them_in_order(images: bool) -> None:
    drawn = {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}}
    runs = [ScriptedRun(cell_id="c1", outputs=[drawn])]
    script = case("image-after-tool-strict-roles")
    async with played(script, by_template(mistral), cells=[X], runs=runs, images=images) as (stage, _):
        assert (await asked(stage)).outcome == "success"
        assert (await asked(stage, "next", "m2")).outcome == "success"


@pytest.mark.parametrize("template", [mistral, gemma])
async def test_an_empty_answer_is_said_and_the_next_question_works(template: Template) -> None:
    async with played(case("empty-answer-then-next-question"), by_template(template), cells=[X]) as (stage, server):
        run = await asked(stage)
        assert run.outcome == "failed" and run.error is not None
        assert run.error.code == "empty_answer" and "without an answer" in run.error.message
        assert (await asked(stage, "next", "m2")).outcome == "success"
        assert "assistant" in roles(server)[-3:-1], "an answer stands between the result and the question"


async def test_blanks_for_optional_arguments() -> None:
    script, source = case("empty-strings-for-optional-arguments"), "x = 1\ny = 2"
    assert version_of(source) in json.dumps([reply.parts[3].text for reply in script[:1]])  # type: ignore[union-attr]
    async with played(script, cells=[cell("c1", source)]) as (stage, _):
        assert (await asked(stage)).outcome == "success"
        assert [each.source for each in stage.notebook.cells] == ["x = 5\ny = 2"]


async def test_a_server_that_takes_no_list_of_types() -> None:
    script = [reply for reply in case("schema-type-lists") if not reply.when]
    async with played(script, cells=[X]) as (stage, server):
        assert (await asked(stage)).outcome == "success"
        assert '["string", "null"]' not in json.dumps(server.requests[0].body)


async def test_thinking_in_the_text() -> None:
    async with played(case("think-tags-in-content"), cells=[X]) as (stage, server):
        assert (await asked(stage)).outcome == "success"
        (said,) = answers(stage)
        assert said.text == "The answer is **42**."
        assert said.reasoning == "The user wants 42.\nLet me see."
        await asked(stage, "sure?", "m2")
        told = json.dumps(server.requests[-1].body["messages"])
        assert "The answer is **42**." in told and "The user wants 42" not in told


async def test_a_tools_name_in_pieces() -> None:
    async with played(case("tool-name-in-pieces"), cells=[X]) as (stage, _):
        assert (await asked(stage)).outcome == "success"
        assert [(call.tool, call.args) for call in stage.state.calls.values()] == [("read_cell", {"cell_id": "c1"})]


async def test_a_character_in_two_chunks_of_the_connection() -> None:
    data = 'data: {"choices": [{"index": 0, "delta": {"content": "é😀漢"}}]}\n\n'.encode()
    parts = [bytes([byte]).decode("utf-8", "surrogateescape") for byte in data]
    script = stream(*map(Raw, parts), *ending())
    async with played([script], cells=[X]) as (stage, _):
        assert (await asked(stage)).outcome == "success"
        assert answers(stage)[0].text == "é😀漢"


@pytest.mark.parametrize(
    ("finish", "text", "code"),
    [("length", "It is", "limit_answer"), ("length", "", "limit_answer"), ("content_filter", "It", "content_filter")],
)
async def test_an_answer_that_is_cut_off_is_said(finish: str, text: str, code: str) -> None:
    script = [stream(*deltas(text), *ending(finish)), answer("It goes on.")]
    async with played(script, cells=[X]) as (stage, _):
        run = await asked(stage)
        assert run.outcome == "failed" and run.error is not None and run.error.code == code and run.error.hint
        assert (await asked(stage, "Please continue.", "m2")).outcome == "success"


async def test_an_answer_that_is_reasoning_alone_is_shown_and_said() -> None:
    async with played([answer(reasoning="It is 42.")], cells=[X]) as (stage, _):
        assert (await asked(stage)).outcome == "success"
        (said,) = answers(stage)
        assert said.text == "It is 42." and [note.code for note in said.notes] == ["only_reasoning"]


# Context


def long_cells() -> list[Cell]:
    out = {"output_type": "stream", "name": "stdout", "text": "line\n" * 400}
    return [cell(f"c{n}", f"x{n} = {n}\n" + "# pad\n" * 20, outputs=[out], execution_count=n) for n in range(150)]


def within(tokens: int, sizes: list[int], names_limit: bool) -> Refuse:
    def rule(body: p.JsonObject) -> Reply | None:
        sizes.append((len(json.dumps(body["messages"])) + len(json.dumps(body.get("tools", [])))) // 4)
        words = f"This model's maximum context length is {tokens} tokens." if names_limit else "Too long."
        return refusal(400, words, code="context_length_exceeded") if sizes[-1] > tokens else None

    return rule


@pytest.mark.parametrize("names_limit", [True, False])
@pytest.mark.parametrize(
    ("tokens", "context_tokens", "calls"),
    [
        (8_192, 8_192, [("read_notebook", {})]),
        (8_192, 128_000, [("read_notebook", {})]),
        (8_192, 8_192, [("run_cell", {"cell_id": "c0"}), ("run_cell", {"cell_id": "c1"})]),
        (4_096, 128_000, [("read_notebook", {})]),
        (16_384, 128_000, [("read_notebook", {})]),
        (32_768, 128_000, [("read_notebook", {}), ("read_notebook", {"start": 30}), ("read_notebook", {"start": 60})]),
    ],
)
async def test_a_context_that_the_latest_results_overflow_is_survived(
    tokens: int, context_tokens: int, calls: list[tuple[str, p.JsonObject]], names_limit: bool
) -> None:
    sizes: list[int] = []
    text = {"output_type": "stream", "name": "stdout", "text": "".join(f"line {n} of it\n" for n in range(4000))}
    runs = [ScriptedRun(cell_id=args["cell_id"], outputs=[text]) for tool, args in calls if tool == "run_cell"]
    # A small context has the first turn summarised before the second question.
    script = [answer(calls=calls), answer("It is long."), answer("Next.").always()]
    rule = within(tokens, sizes, names_limit)
    async with played(script, rule, cells=long_cells(), runs=runs, context_tokens=context_tokens) as (stage, _):
        run = await asked(stage)
        assert run.outcome == "success", (run.error, sizes)
        refused = [n for n, size in enumerate(sizes) if size > tokens]
        assert all(sizes[n + 1] < sizes[n] for n in refused), sizes
        assert len(refused) <= (2 if names_limit else 8), sizes
        assert (await asked(stage, "next", "m2")).outcome == "success"


async def test_a_request_that_cannot_be_shorter_is_not_sent_again() -> None:
    sizes: list[int] = []
    async with played([], within(100, sizes, False), cells=[X]) as (stage, _):
        run = await asked(stage)
        assert run.outcome == "failed" and run.error is not None and run.error.code == "context_too_long"
        assert len(sizes) == len(set(sizes)) <= 3
