"""The code of docs/kernel.md, run in a real kernel of a real server, with a person who decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s
from jupyter_copilot.testing.fault_server import KEY, MODEL
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer

from ..kernel.conftest import StartKernel, only_question, person, start_kernel
from ..server.conftest import jp_server_config as server_config
from ..server.conftest import notebook
from .pages import DOCS, blocks

__all__ = ["notebook", "person", "server_config", "start_kernel"]

pytestmark = pytest.mark.slow

HELD = """\
import time, types
while not panel.pending: time.sleep(0.05)
panel = types.SimpleNamespace(pending=panel.pending)
"""
"""What waits when the cell begins, so that it does not matter when it is decided."""
ASK_FIRST, MORE_QUESTIONS, PANEL, OBSERVE, ASK = blocks(DOCS / "kernel.md", "python")


@pytest.fixture
def model() -> Iterator[FaultServerThread]:
    """A model that answers one question, if the test lets one be asked."""
    with FaultServerThread([answer("Nobody ran it.").always()]) as running:
        yield running


@pytest.fixture
def jp_server_config(server_config: Any, model: FaultServerThread) -> Any:
    endpoint = {"base_url": model.base_url, "api_key": KEY, "models": [MODEL]}
    server_config.CopilotApp.models = {"test": endpoint}
    return server_config


async def test_the_rows_are_deleted_once_somebody_approved(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        cell = kernel.begin("def delete_rows(): print('deleted')\n" + ASK_FIRST)
        question = await only_question(person)
        assert (question.title, question.body) == ("Delete 10,000 rows?", "All orders before 2020.")
        await person.decide(question.confirmation_id, "confirm")
        assert "deleted" in (await cell).text


async def test_code_waits_along_for_what_others_asked(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        await person.live()
        await person.command(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="Ready?"))
        assert (await kernel.run(PANEL)).status == "ok"
        cell = kernel.begin(f"{HELD}{MORE_QUESTIONS}\nprint(decision.option, decision.by)")
        state = await person.wait(lambda state: len(list(s.open_confirmations(state))) == 2)
        (asked,) = [each for each in s.open_confirmations(state) if each.title == "Go on?"]
        await person.decide(asked.confirmation_id, "confirm")
        await person.decide("q", "confirm")
        outcome = await cell
        assert person.you is not None
        assert outcome.status == "ok", outcome
        assert outcome.text.strip() == f"confirm {person.you.name}"


async def test_observers_hear_of_messages(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        await person.live()
        begun = await kernel.run(f"import queue as queues\nqueue = queues.Queue()\n{PANEL}\n{OBSERVE}")
        assert begun.status == "ok", begun
        await person.post("It rains.", run=False)
        heard = await kernel.run("print(queue.get(timeout=30)[-1].text)")
        assert heard.text.strip() == "It rains."


async def test_an_answer_comes_into_the_cell(start_kernel: StartKernel) -> None:
    kernel = await start_kernel()
    outcome = await kernel.run(f"{ASK}\nprint(answer.status, answer.text)")
    assert outcome.text.strip() == "success Nobody ran it."
