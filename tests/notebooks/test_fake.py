"""The fake notebook keeps the promises of the real ones, and fails when a test uses half of it."""

import asyncio
from collections.abc import Iterator

import pytest

from jupyter_copilot.ports.notebook import RunOutcome
from jupyter_copilot.protocol import Output
from jupyter_copilot.protocol.errors import KernelError, NotebookError
from jupyter_copilot.testing import FakeNotebook, ScriptedRun

from .contract import CELLS, EditingContract, Held, RunningContract

HELLO = {"output_type": "stream", "name": "stdout", "text": "hello\n"}
FAILS = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "", "traceback": ["in 1/0"]}


def held_fake(*runs: ScriptedRun) -> Held:
    fake = FakeNotebook(CELLS, runs=runs)

    async def set_source(cell_id: str, source: str) -> None:
        fake.set_source(cell_id, source)

    return Held(fake, set_source)


class TestFakeNotebookEdits(EditingContract):
    @pytest.fixture
    def held(self) -> Held:
        return held_fake()


class TestFakeNotebookRuns(RunningContract):
    @pytest.fixture
    def held(self, request: pytest.FixtureRequest) -> Iterator[Held]:
        name = request.node.name
        if "adopted" in name or "shows" in name:
            held = held_fake(ScriptedRun(cell_id="hello", outputs=[HELLO]))
        elif "traceback" in name:
            held = held_fake(ScriptedRun(cell_id="fails", status="error", outputs=[FAILS]))
        else:
            held = held_fake()
        yield held
        assert isinstance(held.notebook, FakeNotebook)
        held.notebook.verify()


async def test_a_scripted_outcome_that_is_not_used_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="not used"), FakeNotebook(CELLS, runs=[ScriptedRun(cell_id="hello")]):
        pass


async def test_a_run_that_is_not_scripted_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="no run is scripted"):
        await FakeNotebook(CELLS).run("hello", "e1", lambda piece: None, None)


async def test_a_run_goes_on_until_it_is_interrupted() -> None:
    run = ScriptedRun(cell_id="hello", outputs=[HELLO], until=asyncio.Event())
    with FakeNotebook(CELLS, runs=[run]) as fake:
        first: asyncio.Future[Output] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(fake.run("hello", "e1", first.set_result, None))
        assert (await first).text == "hello\n"
        await fake.interrupt()
        assert await task == RunOutcome(cell_id="hello", status="interrupted", outputs=[HELLO])
    assert [operation.name for operation in fake.operations] == ["run", "interrupt"]


async def test_a_scripted_error_is_raised_and_evaluations_are_answered_in_order() -> None:
    run = ScriptedRun(cell_id="hello", error=KernelError("It died."))
    with FakeNotebook(CELLS, runs=[run], evaluations=["1", NotebookError("No.")]) as fake:
        with pytest.raises(KernelError):
            await fake.run("hello", "e1", lambda piece: None, None)
        assert await fake.evaluate("x", 1) == "1"
        with pytest.raises(NotebookError):
            await fake.evaluate("y", 1)
        with pytest.raises(KernelError):
            await fake.evaluate("z", 1)
