"""Every fault that real model servers have shown, over real HTTP: how the run ends, and that nobody asks in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from msgspec import Struct

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.models.openai import OpenAIModelClient
from jupyter_copilot.testing import ManualClock, ScriptedRun
from jupyter_copilot.testing.fault_server import FaultServer
from jupyter_copilot.testing.faults import FAULTS
from jupyter_copilot.testing.replies import answer

from .stage import Stage, cell

RUN_B2 = ("run_cell", {"cell_id": "b2"})
BOTH = [("read_cell", {"cell_id": "a1"}), RUN_B2]


class Ending(Struct, frozen=True, kw_only=True):
    """How a run ends: the calls that were proposed, how many answers were struck, and the code of its failure."""

    calls: list[tuple[str, p.JsonObject]] = []
    asked: int = 0
    struck: int = 0
    failure: str = ""


WHOLE = Ending()
TWO_CALLS = Ending(calls=BOTH, asked=1)
ONE_CALL = Ending(calls=[RUN_B2], asked=1)
TOLD = Ending(calls=[("run_cell", {})])
RETRIED = Ending(struck=1)


def failed(code: str) -> Ending:
    return Ending(struck=1, failure=code)


ENDINGS: dict[str, Ending] = {
    **dict.fromkeys(
        (
            "index_missing",
            "index_zero",
            "empty_ids",
            "no_index_no_ids",
            "reused_ids",
            "names_empty_later",
            "names_late",
        ),
        TWO_CALLS,
    ),
    **dict.fromkeys(("names_repeated", "args_in_one_chunk", "finish_stop_with_calls"), TWO_CALLS),
    **dict.fromkeys(("args_as_object", "args_sent_twice", "args_after_placeholder", "extra_content"), ONE_CALL),
    "args_concatenated": Ending(calls=[("run_cell", {"cell_id": "a1"}), RUN_B2], asked=2),
    **dict.fromkeys(("args_missing", "args_truncated", "args_truncated_said_whole", "args_not_json"), TOLD),
    "nameless_call_with_args": Ending(calls=[("", {"cell_id": "b2"})]),
    **dict.fromkeys(
        ("clean_eof", "done_without_finish", "eof_mid_call", "eof_mid_call_with_usage", "eof_with_running_usage"),
        RETRIED,
    ),
    **dict.fromkeys(("empty_stream", "only_done", "gave_up", "tcp_drop", "tcp_drop_at_once"), RETRIED),
    **dict.fromkeys(("stall", "stall_at_once", "garbage_line", "not_utf8", "context_too_long"), RETRIED),
    **dict.fromkeys(("error_in_stream", "string_error_in_stream", "overload_in_stream", "overloaded"), RETRIED),
    **dict.fromkeys(("rate_limited", "rate_limited_until", "rate_limited_ms", "list_error"), RETRIED),
    **dict.fromkeys(("gateway_timeout", "html_500", "no_user_query"), RETRIED),
    **dict.fromkeys(("wrong_key", "wrong_key_gemini"), failed("wrong_key")),
    "forbidden": failed("forbidden"),
    **dict.fromkeys(("no_credit", "no_credit_402"), failed("no_credit")),
    **dict.fromkeys(("model_unknown", "model_not_pulled"), failed("model_unknown")),
    **dict.fromkeys(("wrong_url", "web_page"), failed("wrong_url")),
    "content_filter": failed("content_filter"),
    "string_error": failed("bad_request"),
    "rate_limited_for_hours": failed("rate_limited"),
}
"""What is not named here is an oddity, and the answer is whole at the first attempt."""


PLAYED = [name for name in FAULTS if not name.startswith(("reject_", "wants_"))]
"""What a server refuses to be sent is mended by the client within one attempt, which tests of the client show."""


def test_every_ending_is_that_of_a_fault() -> None:
    assert ENDINGS.keys() <= set(PLAYED)


@pytest.mark.parametrize("fault", PLAYED)
async def test_a_fault_ends_as_the_table_says(fault: str) -> None:
    expected = ENDINGS.get(fault, WHOLE)
    clock = ManualClock()
    async with FaultServer([*FAULTS[fault](), answer("Recovered.").always()]) as server:
        patience_s = 1.0 if "stall" in fault else 30.0
        model = OpenAIModelClient(server.settings(first_chunk_s=patience_s, idle_s=patience_s), clock)
        runs = [ScriptedRun(cell_id=args["cell_id"]) for tool, args in expected.calls if tool == "run_cell" and args]
        cells = [cell("a1", "x"), cell("b2", "y")]
        async with Stage(model=model, clock=clock, cells=cells, runs=runs) as stage:
            stage.room.listen(lambda records: _pass_delays(clock, records))
            await stage.post()
            asked = await _approve_all(stage)
            run = await stage.over()
            found = Ending(
                calls=[(each.tool, each.args) for each in stage.state.calls.values()],
                asked=asked,
                struck=sum(isinstance(message, s.Struck) for message in stage.state.messages.values()),
                failure=run.error.code if run.error else "",
            )
        await model.close()
    assert found == expected
    assert run.error is None or run.error.hint


def _pass_delays(clock: ManualClock, records: Sequence[p.Record]) -> None:
    for record in records:
        if isinstance(record.event, p.RunDelayed):
            wait_s = (record.event.retry_at - clock.now()) / 1000
            asyncio.get_running_loop().call_soon(clock.advance, wait_s)


async def _approve_all(stage: Stage) -> int:
    """Approve what is asked until the run is over; returns how much that was."""
    asked = 0
    while True:
        await stage.until(
            lambda state: any(_open(state)) or isinstance(state.runs.get("m1.r1"), s.Finished),
        )
        opened = next(_open(stage.state), None)
        if opened is None:
            return asked
        await stage.decide(opened.confirmation_id)
        asked += 1


def _open(state: s.RoomState) -> Iterator[s.Open]:
    return s.open_confirmations(state)
