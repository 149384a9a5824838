"""ask() and the magics in a real kernel, answered by a model server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.testing.fault_server import MODEL
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer, refusal

from .conftest import StartKernel

pytestmark = pytest.mark.slow


@pytest.fixture
def model() -> Iterator[FaultServerThread]:
    with FaultServerThread([]) as running:
        yield running


@pytest.fixture
def jp_server_config(jp_server_config: Any, model: FaultServerThread) -> Any:
    endpoint = {"base_url": model.base_url, "api_key": "test-key", "models": [MODEL]}
    jp_server_config.CopilotApp.models = {"test": endpoint}
    return jp_server_config


def _asked(client: Client) -> list[s.Posted]:
    assert client.state is not None
    return [message for message in client.state.messages.values() if isinstance(message, s.Posted)]


@pytest.mark.parametrize("kernel_name", ["python3", "older"])
async def test_an_answer_streams_into_the_output_of_a_cell_that_has_ended(
    start_kernel: StartKernel,
    person: Client,
    model: FaultServerThread,
    kernel_name: str,
    request: pytest.FixtureRequest,
) -> None:
    model.add(answer("All of the rows are there.", gate="half"))
    if kernel_name == "older":
        request.getfixturevalue("older")
    kernel = await start_kernel(kernel_name=kernel_name)
    async with person:
        outcome = await kernel.run("from jupyter_copilot import ask\na = ask('Are they there?')")
        assert outcome.status == "ok" and len(outcome.shown) == 1
        model.open("half")
        waited = await kernel.run("print(a.wait(30).text, '|', a.status)")
        assert waited.text.strip() == "All of the rows are there. | success"
        shown = kernel.updated(outcome)
        assert shown == "All of the rows are there."
        (question,) = _asked(person)
        assert question.text == "Are they there?" and question.author.kind == "kernel"


async def test_waiting_blocks_the_cell_until_the_answer_is_whole(
    start_kernel: StartKernel, person: Client, model: FaultServerThread
) -> None:
    model.add(answer("Yes."), refusal(401, "Incorrect API key provided."))
    kernel = await start_kernel()
    outcome = await kernel.run("from jupyter_copilot import ask\nprint(ask('Well?', wait=True).text)")
    assert outcome.text.strip() == "Yes." and outcome.shown[-1] == "Yes."
    failed = await kernel.run("ask('Again?', wait=True)")
    assert failed.error.startswith("ModelError") and "key" in failed.error.lower()


async def test_magics_ask_and_say_what_they_take(
    start_kernel: StartKernel, person: Client, model: FaultServerThread
) -> None:
    model.add(*[answer("Noted.") for _ in range(5)])
    kernel = await start_kernel()
    async with person:
        await person.live()
        await person.command(p.CreateThread(thread_id=p.ThreadId("plots"), title="Plots"))
        assert (await kernel.run("%load_ext jupyter_copilot")).status == "ok"
        for code in (
            '%copilot --wait why isn\'t "x" defined?',
            "%%copilot --wait\nWhat is this?\nAnd that?",
            "%%copilot -w explain\nx = [1,\n     2]",
            f"%copilot --wait --model {MODEL} --thread plots Which?",
        ):
            outcome = await kernel.run(code)
            assert outcome.status == "ok", outcome.error
        assert (await kernel.run("def f():\n    return missing\nf()")).status == "error"
        assert (await kernel.run("%copilot_fix --wait what is wrong?")).status == "ok"
        texts = [message.text for message in _asked(person) if message.thread_id == "main"]
        assert texts[:3] == [
            'why isn\'t "x" defined?',
            "What is this?\nAnd that?",
            "explain\n\n```python\nx = [1,\n     2]\n```",
        ]
        fix = texts[3]
        assert fix.startswith("what is wrong?") and "    return missing" in fix
        assert "NameError: name 'missing' is not defined" in fix and "IPython" not in fix
        empty = await kernel.run("%copilot")
        assert "needs a question" in empty.error or "needs a question" in empty.text
        unknown = await kernel.run("%copilot --thread nowhere hello")
        assert "Rejected" in unknown.error and "no chat" in unknown.error
        completed = await kernel.complete("%copilot --th")
        assert "--thread" in completed
        assert person.state is not None
        (run,) = [run for run in person.state.runs.values() if run.thread_id == "plots"]
        assert run.model == MODEL
        shell = (
            "shell = get_ipython(); shell.run_cell('%copilot?'); print(shell.payload_manager.read_payload()[0]['data'])"
        )
        described = await kernel.run(shell)
        assert "Ask the copilot." in described.text and "--model" in described.text
