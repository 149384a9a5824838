"""What a model may send is bounded: an answer, and the arguments of a call."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.agent.copilot.step import MAX_ANSWER_CHARS
from jupyter_copilot.core import state as s
from jupyter_copilot.core.weight import weight
from jupyter_copilot.testing import Answer
from jupyter_copilot.testing.model import call

from .stage import Stage


async def test_an_answer_without_end_is_broken_off_and_said() -> None:
    async with Stage(Answer(text="x" * (MAX_ANSWER_CHARS + 1))) as stage:
        await stage.post()
        run = await stage.over()
        assert run.outcome == "failed" and run.error is not None and run.error.code == "answer_too_long"
        assert weight(stage.state) < 1_100_000


async def test_arguments_beyond_the_published_limit_are_told_to_the_model_and_kept_by_nobody() -> None:
    huge = Answer(calls=[call("edit_cell", cell_id="a", source="x" * p.MAX_ARGS_BYTES)])
    async with Stage(huge, "Sorry.") as stage:
        await stage.post()
        assert (await stage.over()).outcome == "success"
        (done,) = stage.state.calls.values()
        assert isinstance(done, s.CallDone) and done.is_error and str(p.MAX_ARGS_BYTES) in done.result.text
        assert weight(stage.state) < 20_000
