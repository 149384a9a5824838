"""Whatever the notebook is like, a request fits into what the model reads, counted by a real tokenizer (o200k)."""

from __future__ import annotations

import pytest

from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ModelSpec
from jupyter_copilot.ports.notebook import Cell
from jupyter_copilot.protocol.errors import ModelError
from jupyter_copilot.testing import Answer, ScriptedModel
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools

from ..agent.stage import Stage, cell
from ..tools.bench import png
from .counting import request_tokens
from .notebooks import printed, sixty_cells, table

CONTEXTS = [4_000, 8_000, 16_000, 32_000, 128_000]
ANSWER_TOKENS = 8_000


def _lines(count: int) -> str:
    return "".join(
        f"epoch {n}: loss {n * 37 % 991 / 1000:.4f}, accuracy {n * 13 % 997 / 1000:.4f}\n" for n in range(count)
    )


def _wide_frame() -> dict[str, object]:
    head = "".join(f"<th>column_{n}</th>" for n in range(300))
    rows = "".join(
        "<tr>" + "".join(f"<td>{row * n * 37 % 9973 / 100}</td>" for n in range(300)) + "</tr>" for row in range(60)
    )
    data = {"text/html": f"<table><tr>{head}</tr>{rows}</table>", "text/plain": "[60 rows x 300 columns]"}
    return {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": data}


def _many_cells() -> list[Cell]:
    return [
        cell(f"cell-{n}", f"frame_{n} = load({n})\nframe_{n}.head()", outputs=[table(n)], execution_count=n)
        for n in range(1, 401)
    ]


def _with_pictures() -> list[Cell]:
    def plot(n: int) -> dict[str, object]:
        data = {"image/png": png(str(n), 640, 480), "text/plain": "<Figure>"}
        return {"output_type": "display_data", "metadata": {}, "data": data}

    return [cell(f"plot-{n}", f"frame.plot({n})", outputs=[plot(n)], execution_count=n) for n in range(1, 21)]


SHAPES = {
    "twenty pictures": [*_with_pictures(), cell("big", "frame.plot()", outputs=_with_pictures()[0].outputs * 6)],
    "three cells": [cell("a", "x = 1"), cell("big", "x + 1", outputs=[table(1)]), cell("c", "print(x)")],
    "sixty cells": [*sixty_cells()[:59], cell("big", "last = 1", outputs=[table(3)])],
    "four hundred cells": [*_many_cells(), cell("big", "last = 1")],
    "a huge output": [cell("big", "train()", outputs=[printed(_lines(40_000))])],
    "a wide frame": [cell("big", "frame", outputs=[_wide_frame()])],
    "a source of 200 kB": [cell("big", "\n".join(f"value_{n} = {n * 7919 % 10007}" for n in range(9_000)))],
    "Chinese": [cell("big", "文本 = 1", outputs=[printed("我们检查了每个地区的销售数据,删除了重复的行。\n" * 4_000)])],
}


def _stage(shape: str, context: int, *answers: Answer | str) -> tuple[Stage, ScriptedModel]:
    model = ScriptedModel(answers, models=[ModelSpec(name="scripted", context_tokens=context, images=True)])
    tools = ToolRegistry(built_in_tools(), earlier=earlier_tools())
    return Stage(cells=SHAPES[shape], model=model, tools=tools), model  # type: ignore[arg-type]


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_request_and_its_answer_fit_together(shape: str, context: int) -> None:
    reads = [call("read_cell", cell_id="big"), call("search", query="a", where="outputs"), call("read_notebook")]
    stage, model = _stage(shape, context, *(Answer(calls=[each]) for each in reads), "Done.", "Yes.", "Yes.")
    async with stage:
        await stage.post("What is in it?", "m1")
        await stage.over("m1.r1")
        await stage.post("Sure?", "m2")
        await stage.over("m2.r1")
    room = context - min(ANSWER_TOKENS, context // 4)
    assert [request_tokens(each) for each in model.requests if request_tokens(each) > room] == []


@pytest.mark.parametrize("context", [8_000, 32_000])
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_request_that_was_too_long_is_followed_by_a_shorter_one(shape: str, context: int) -> None:
    refused = Answer(error=ModelError("Too long.", code="context_too_long"))
    stage, model = _stage(shape, context, Answer(calls=[call("read_cell", cell_id="big")]), refused, refused, "Done.")
    async with stage:
        await stage.post("What is in it?", "m1")
        for attempt in ("m1.r1.s2.a1", "m1.r1.s2.a2"):
            await stage.until(lambda state, failed=attempt: isinstance(state.messages.get(failed), s.Struck))  # type: ignore[misc]
            stage.manual.advance(30.0)
        await stage.over("m1.r1")
    sizes = [request_tokens(each) for each in model.requests[1:]]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)
