"""What goes wrong: model servers that fail, limits that are reached, models that go round in circles."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.settings import RunSettings
from jupyter_copilot.core import state as s
from jupyter_copilot.ports.model import ModelSpec
from jupyter_copilot.protocol.errors import ModelError, StreamTruncated
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from ..tools.bench import picture
from .stage import Stage, cell

BUSY = ModelError("The server is busy.", code="overloaded", retryable=True)
LOOK = Answer(calls=[call("read_cell", cell_id="a")])


def _delay(state: s.RoomState) -> s.Delay | None:
    run = state.runs.get("m1.r1")
    return run.delay if isinstance(run, s.Running) else None


async def test_a_retryable_failure_is_said_in_the_room_and_tried_again_after_the_delay() -> None:
    async with Stage(Answer(text="Hal", error=BUSY), "Hello.") as stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        delay = _delay(stage.state)
        assert delay is not None and delay.problem.message == "The server is busy."
        assert (delay.attempt, delay.of) == (1, 5)
        assert 500 <= delay.retry_at - stage.clock.now() <= 1000
        assert len(stage.model.requests) == 1
        stage.manual.advance(1)
        run = await stage.over()
        struck, whole = stage.state.messages["m1.r1.s1.a1"], stage.state.messages["m1.r1.s1.a2"]
    assert run.outcome == "success"
    assert isinstance(struck, s.Struck) and struck.text == "Hal"
    assert isinstance(whole, s.Complete) and whole.text == "Hello."


async def test_a_truncated_stream_is_struck_its_calls_are_never_proposed_and_the_step_begins_anew() -> None:
    async with Stage(Answer(text="I will", error=StreamTruncated()), "Hello.") as stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        stage.manual.advance(1)
        await stage.over()
        assert "CallProposed" not in stage.kinds()
        assert "I will" not in str(stage.told())


async def test_the_servers_wish_to_wait_is_honoured() -> None:
    error = ModelError("Slow down.", code="rate_limited", retryable=True, retry_after_s=40)
    async with Stage(Answer(error=error), "Hello.") as stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        delay = _delay(stage.state)
        assert delay is not None and delay.retry_at - stage.clock.now() == 40_000
        stage.manual.advance(39)
        assert len(stage.model.requests) == 1
        stage.manual.advance(1)
        await stage.over()


async def test_whoever_will_not_wait_for_a_busy_model_server_has_it_asked_at_once() -> None:
    error = ModelError("Slow down.", code="rate_limited", retryable=True, retry_after_s=40)
    async with Stage(Answer(error=error), "Hello.") as stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        await stage.do(p.RetryRun(run_id=p.RunId("m1.r1")))
        assert (await stage.over()).outcome == "success"
        assert isinstance(stage.state.messages["m1.r1.s1.a2"], s.Complete)
        assert "m1.r2" not in stage.state.runs


async def test_a_server_that_wants_hours_ends_the_run_and_says_when_to_come_back() -> None:
    error = ModelError("Slow down.", code="rate_limited", retryable=True, retry_after_s=3 * 3600)
    async with Stage(Answer(error=error)) as stage:
        await stage.post()
        run = await stage.over()
    assert run.outcome == "failed" and run.error is not None
    assert run.error.code == "rate_limited" and "3 hours" in run.error.hint


async def test_after_the_last_attempt_the_run_fails_and_a_retry_answers_it() -> None:
    settings = RunSettings(max_attempts=2)
    async with Stage(Answer(error=BUSY), Answer(error=BUSY), "Hello.", settings=settings) as stage:
        await stage.post("Say hello")
        await stage.until(lambda state: _delay(state) is not None)
        stage.manual.advance(60)
        run = await stage.over()
        assert run.outcome == "failed" and run.error is not None and "2 times" in run.error.hint
        await stage.do(p.RetryRun(run_id=run.run_id))
        assert (await stage.over("m1.r2")).outcome == "success"
        first, ending, again = stage.told()
    assert "Say hello" in first["content"] and ending["content"] == "(Not finished: The server is busy.)"
    assert "Alice asks for another answer to this:" in again["content"]


async def test_a_permanent_failure_ends_the_run_at_once_with_words_that_say_what_to_do() -> None:
    error = ModelError("The key was refused.", code="wrong_key", hint="Set OPENAI_API_KEY.")
    async with Stage(Answer(error=error)) as stage:
        await stage.post()
        run = await stage.over()
        assert isinstance(stage.state.messages["m1.r1.s1.a1"], s.Struck)
    assert run.error == p.Problem(code="wrong_key", message="The key was refused.", hint="Set OPENAI_API_KEY.")


async def test_a_model_that_is_not_offered_is_named_with_those_that_are() -> None:
    async with Stage() as stage:
        await stage.post(model="gpt-99")
        run = await stage.over()
    assert run.error is not None and run.error.code == "model_unknown" and "scripted" in run.error.hint


async def test_a_context_that_is_too_long_is_tried_shorter_before_the_run_fails() -> None:
    error = ModelError("Too long.", code="context_too_long")
    async with Stage(Answer(error=error), "Hello.") as stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        stage.manual.advance(1)
        assert (await stage.over()).outcome == "success"


async def test_a_request_that_was_too_long_is_told_again_with_less_of_the_notebook_and_no_pictures() -> None:
    error = ModelError("Too long.", code="context_too_long")
    cells = [cell("a", "x" * 5_000, outputs=[picture()]), *(cell(f"b{n}", "y" * 5_000) for n in range(20))]
    stage = Stage(Answer(error=error), "Hello.", cells=cells)
    stage.model._models[:] = [ModelSpec(name="small", context_tokens=50_000)]
    async with stage:
        await stage.post()
        await stage.until(lambda state: _delay(state) is not None)
        stage.manual.advance(1)
        await stage.over()
        first, second = (request.messages[1]["content"] for request in stage.model.requests)
    assert [part["type"] for part in first] == ["text", "image_url"]
    assert isinstance(second, str) and len(second) < 0.7 * len(first[0]["text"])


async def test_identical_calls_are_nudged_at_three_and_end_the_run_at_five() -> None:
    async with Stage(*[LOOK] * 5, cells=[cell("a", "x = 1")]) as stage:
        await stage.post()
        run = await stage.over()
        nudged = ["same call" in result for result in stage.results()]
    assert nudged == [False, False, True, True]
    assert run.error is not None and run.error.code == "limit_repeated_calls"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (RunSettings(max_steps=1), "limit_steps"),
        (RunSettings(max_tokens=110), "limit_tokens"),
    ],
)
async def test_a_limit_ends_the_run_with_a_problem_that_names_it(settings: RunSettings, code: str) -> None:
    async with Stage(LOOK, cells=[cell("a", "x = 1")], settings=settings) as stage:
        await stage.post()
        run = await stage.over()
    assert run.outcome == "failed" and run.error is not None
    assert run.error.code == code and run.error.hint


async def test_a_model_that_works_for_too_long_is_not_asked_again() -> None:
    slow = Answer(calls=LOOK.calls, until=asyncio.Event())
    async with Stage(slow, cells=[cell("a", "x = 1")], settings=RunSettings(max_wall_s=60)) as stage:
        await stage.post()
        await stage.until(lambda state: "m1.r1.s1.a1" in state.messages)
        stage.manual.advance(61)
        assert slow.until is not None
        slow.until.set()
        run = await stage.over()
    assert run.error is not None and run.error.code == "limit_wall_time"


async def test_the_time_in_which_people_think_does_not_count_as_work() -> None:
    settings = RunSettings(max_wall_s=60)
    ask = Answer(calls=[call("edit_cell", cell_id="a", expected_version=cell("a", "x").version, source="y")])
    async with Stage(ask, "Done.", cells=[cell("a", "x")], settings=settings) as stage:
        await stage.post()
        await stage.asked("m1.r1.s1.a1.c1.q")
        stage.manual.advance(3600)
        await stage.decide("m1.r1.s1.a1.c1.q")
        assert (await stage.over()).outcome == "success"


async def test_without_any_model_the_run_fails_and_says_how_to_configure_one() -> None:
    stage = Stage()
    stage.model._models.clear()
    async with stage:
        await stage.post()
        run = await stage.over()
    assert run.error is not None and run.error.code == "no_model" and "OPENAI_API_KEY" in run.error.hint


async def test_a_model_without_eyes_is_not_sent_images() -> None:
    stage = Stage("I cannot see.")
    stage.model._models[:] = [ModelSpec(name="blind", images=False)]
    image = p.Image(mime="image/png", data="AAAA")
    async with stage:
        await stage.post(context=p.MessageContext(images=[image]))
        await stage.over()
        assert "AAAA" not in str(stage.told()) and "cannot see" in str(stage.told())
