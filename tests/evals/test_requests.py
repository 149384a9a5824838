"""What a request costs, counted by a real tokenizer (o200k), and how much of the next one it is the beginning of."""

from __future__ import annotations

import json

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.conversation import Conversation
from jupyter_copilot.core.model_context.prompt import INSTRUCTIONS, total_tokens
from jupyter_copilot.core.model_context.tokens import estimate_tokens
from jupyter_copilot.ports.model import ModelRequest
from jupyter_copilot.testing import Answer, ScriptedModel, ScriptedRun
from jupyter_copilot.testing.memory_log import MemoryEventLog
from jupyter_copilot.testing.model import call
from jupyter_copilot.tools.builtin.running import RunCellsTool
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools, earlier_tools
from jupyter_copilot.tools.render.bundle import joined

from ..agent.stage import Stage, real_tools
from .counting import tokens
from .notebooks import sixty_cells

# Tokens of the same notebook before: 9,457, of which 6,040 are its own text.
SIXTY_CELLS = 7_300
MOST_OF_TOOLS = 2_100
"""Tokens of the definitions of all built-in tools."""


def common(before: list[p.JsonObject], now: list[p.JsonObject]) -> int:
    """The tokens of the messages with which both begin."""
    same = 0
    for old, new in zip(before, now, strict=False):
        if old != new:
            break
        same += tokens(new)
    return same


def test_the_instructions_take_about_five_hundred_tokens() -> None:
    assert 300 < tokens(INSTRUCTIONS) <= 550


def test_the_tools_are_few_and_told_in_few_words() -> None:
    definitions = ToolRegistry(built_in_tools(), earlier=earlier_tools()).definitions()
    assert tokens(definitions) <= MOST_OF_TOOLS
    assert max(map(tokens, definitions)) <= 400


async def test_a_notebook_of_sixty_cells_is_told_with_little_around_its_own_text() -> None:
    cells = sixty_cells()
    own = sum(tokens(cell.source) for cell in cells)
    own += sum(tokens(joined(o.get("text") or o["data"]["text/plain"])) for cell in cells for o in cell.outputs)
    async with Stage("It is fine.", cells=cells) as stage:
        await stage.post("How is rate_12 made?")
        await stage.over()
        told = tokens(str(stage.told()[0]["content"]))
    assert told <= SIXTY_CELLS
    assert told - own < 0.25 * own


async def test_the_agents_own_run_of_all_cells_is_not_told_again() -> None:
    cells = sixty_cells()
    ids = [cell.cell_id for cell in cells if cell.cell_type == "code"]
    outputs = {cell.cell_id: cell.outputs for cell in cells}
    runs = [ScriptedRun(cell_id=each, outputs=outputs[each]) for each in ids]
    answers: list[Answer | str] = [Answer(calls=[call("run_cells", cell_ids=ids)]), "All ran.", "Yes."]
    async with Stage(*answers, cells=cells, runs=runs, tools=real_tools(RunCellsTool())) as stage:
        await stage.post("Run all", "m1")
        await stage.asked("m1.r1.s1.a1.c1.q")
        await stage.decide("m1.r1.s1.a1.c1.q")
        await stage.over("m1.r1")
        await stage.post("Is it fine?", "m2")
        await stage.over("m2.r1")
        assert "The notebook is as you last saw it." in str(stage.told()[-1]["content"])
        assert tokens(stage.told()[-1]) < 150


async def test_a_request_after_the_room_was_unloaded_begins_with_the_one_before() -> None:
    log = MemoryEventLog()
    async with Stage("One.", cells=sixty_cells(), log=log, owner="first") as first:
        await first.post("one", "m1")
        await first.over("m1.r1")
        await first.idle()
        before = first.model.requests[-1].messages
    async with Stage("Two.", cells=sixty_cells(), log=log, owner="second") as second:
        await second.post("two", "m2")
        await second.over("m2.r1")
        now = second.model.requests[-1].messages
    assert common(before, now) >= 0.9 * sum(map(tokens, before))
    assert sum(map(tokens, now)) - common(before, now) < 200


ENGLISH = (
    "The quarterly report shows that revenue grew by twelve percent, mostly because of new customers in the north. "
    "We removed duplicates, filled the missing dates, and checked whether the seasonal pattern holds for each region. "
)
CODE = (
    "def rate(frame, kind):\n    rows = frame[frame.kind == kind]\n    return rows.amount.sum() / len(rows)\n\n"
    "for kind in frame.kind.unique():\n    print(kind, rate(frame, kind))\n"
)
TEXTS = {
    "English": ENGLISH * 5,
    "Chinese": "我们检查了每个地区的销售数据,删除了重复的行,并补充了缺失的日期。结果显示收入增长了百分之十二。" * 5,
    "code": CODE * 5,
    "JSON": json.dumps([{"id": n, "name": f"item {n}", "price": n * 3.25, "tags": ["a", "b"]} for n in range(40)]),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_an_estimate_is_near_the_real_count(kind: str) -> None:
    """Rather above than below, as long as the server has counted nothing."""
    real, estimated = tokens(TEXTS[kind]), estimate_tokens(TEXTS[kind])
    assert 0.95 * real <= estimated <= 1.45 * real


@pytest.mark.parametrize("kind", TEXTS)
async def test_once_the_server_has_counted_an_estimate_is_within_a_tenth(kind: str) -> None:
    request = ModelRequest(model="m", messages=[{"role": "user", "content": TEXTS[kind]}])
    conversation = Conversation(ScriptedModel([]))
    conversation._asked = total_tokens(request.messages)
    conversation.counted(request, p.Usage(prompt=tokens(TEXTS[kind])))
    longer = TEXTS[kind] * 3
    estimated = total_tokens([{"role": "user", "content": longer}]) * conversation._correction["m"]
    assert estimated == pytest.approx(tokens(longer), rel=0.1)


def test_a_count_that_leaves_out_what_was_cached_corrects_nothing() -> None:
    request = ModelRequest(model="m", messages=[{"role": "user", "content": ENGLISH * 5}])
    conversation = Conversation(ScriptedModel([]))
    conversation._asked = total_tokens(request.messages)
    conversation.counted(request, p.Usage(prompt=20))
    assert conversation._correction == {}
