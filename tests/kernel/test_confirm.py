"""confirm() in real kernels, decided by people elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from tornado import web

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s

from .conftest import StartKernel, only_question

pytestmark = pytest.mark.slow

ASK = "from jupyter_copilot import confirm\n"


async def test_a_cell_goes_on_with_the_name_of_who_decided(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        code = ASK + "d = confirm('Delete 10,000 rows?', details='from `orders`'); print(d.approved, d.option, d.by)"
        cell = kernel.begin(code)
        opened = await only_question(person)
        assert opened.kind == "kernel" and opened.body == "from `orders`"
        assert opened.opened_by.kind == "kernel" and opened.opened_by.name == "Kernel of one.ipynb"
        await person.decide(opened.confirmation_id, "confirm", comment="go on")
        outcome = await cell
        assert person.you is not None
        assert outcome.text.strip() == f"True confirm {person.you.name}"


async def test_the_cell_says_where_to_decide_and_then_who_did(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        cell = kernel.begin(ASK + "import time\nconfirm('Go?', options=['Yes', 'Not now'])")
        opened = await only_question(person)
        assert [option.label for option in opened.options] == ["Yes", "Not now"]
        await person.decide(opened.confirmation_id, "Not-now", comment="later")
        outcome = await cell
        assert person.you is not None
        assert f"Not now, said {person.you.name}" in outcome.shown[0] and "“later”" in outcome.shown[0]
        assert "approved=False" in outcome.shown[-1]


async def test_a_form_gives_the_value_that_was_filled_in(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        schema = {"type": "object", "properties": {"rows": {"type": "integer"}}, "required": ["rows"]}
        cell = kernel.begin(ASK + f"print(confirm('How many?', schema={schema!r}).value['rows'] + 1)")
        opened = await only_question(person)
        await person.decide(opened.confirmation_id, "confirm", value={"rows": 41})
        assert (await cell).text.strip() == "42"


@pytest.mark.parametrize("call", ["confirm('Go on?')", "await confirm_async('Go on?')"])
async def test_an_interrupt_takes_the_question_back(start_kernel: StartKernel, person: Client, call: str) -> None:
    kernel = await start_kernel()
    async with person:
        cell = kernel.begin(f"from jupyter_copilot import confirm, confirm_async\n{call}")
        opened = await only_question(person)
        await kernel.interrupt()
        outcome = await cell
        assert outcome.error.startswith(("KeyboardInterrupt", "CancelledError"))
        state = await person.wait(lambda state: not any(True for _ in s.open_confirmations(state)))
        taken = state.confirmations[opened.confirmation_id]
        assert isinstance(taken, s.Withdrawn) and taken.by.kind == "kernel"
        assert "interrupted" in taken.reason


async def test_time_that_is_over_raises_or_returns_the_default(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        outcome = await kernel.run(ASK + "confirm('Go on?', timeout=0.3)")
        assert outcome.status == "error" and "NotConfirmed: Nobody decided in time" in outcome.error
        code = (
            "d = confirm('Go on?', timeout=0.3, on_timeout='return', default='cancel'); print(d.option, d.by, bool(d))"
        )
        assert (await kernel.run(ASK + code)).text.strip() == "cancel None False"
        state = await person.live()
        assert all(isinstance(c, s.Expired) for c in state.confirmations.values()) and len(state.confirmations) == 2


async def test_an_error_shows_the_persons_own_code_and_little_of_ours(
    start_kernel: StartKernel, person: Client
) -> None:
    kernel = await start_kernel()
    for code in ("confirm('Go on?', timeout=0.3)", "wait_for('nothing')", "ask('Hello?', thread='nowhere')"):
        outcome = await kernel.run(f"from jupyter_copilot import ask, confirm, wait_for\n{code}")
        assert outcome.status == "error" and f"----> 2 {code}" in outcome.traceback
        ours = outcome.traceback.count("/jupyter_copilot/")
        assert ours <= 3 and "direct cause" not in outcome.traceback, outcome.traceback


async def test_a_question_survives_a_lost_connection(start_kernel: StartKernel, person: Client, extension: Any) -> None:
    kernel = await start_kernel()
    async with person:
        cell = kernel.begin(ASK + "print(confirm('Go on?').option)")
        opened = await only_question(person)
        for session in extension.rooms.sessions():
            if session.actor.kind == "kernel":
                session.close(p.CLOSE_SLOW, "gone for a moment", "after")
        await person.decide(opened.confirmation_id, "confirm")
        assert (await cell).text.strip() == "confirm"
        assert person.state is not None and len(person.state.confirmations) == 1


async def test_async_code_and_decorated_functions_ask_too(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        code = """
import asyncio
from jupyter_copilot import confirm_async, requires_confirmation

@requires_confirmation("Really drop it?")
async def drop(table, *, cascade=False):
    "Drop a table."
    return f"dropped {table}"

other = asyncio.create_task(asyncio.sleep(0.01, "other tasks go on"))
print(await drop("orders"), await other)
"""
        cell = kernel.begin(code)
        opened = await only_question(person)
        assert opened.title == "Really drop it?"
        assert "table = 'orders'" in opened.body and "cascade = False" in opened.body and "Drop a table." in opened.body
        await person.decide(opened.confirmation_id, "confirm")
        assert (await cell).text.strip() == "dropped orders other tasks go on"

        plain = """
@requires_confirmation
def wipe(disk):
    print("wiped")

wipe("sda")
"""
        cell = kernel.begin(plain)
        opened = await only_question(person)
        assert opened.title == "Run wipe?" and "disk = 'sda'" in opened.body
        await person.decide(opened.confirmation_id, "cancel", comment="no!")
        outcome = await cell
        assert "NotConfirmed: Not confirmed by" in outcome.error and "no!" in outcome.error
        assert "wiped" not in outcome.text


async def test_two_kernels_wait_for_one_answer(start_kernel: StartKernel, person: Client, notebook: str) -> None:
    kernel, console = await start_kernel(), await start_kernel(type="console")
    async with person:
        first = kernel.begin(ASK + "print(confirm('Go on?').by)")
        opened = await only_question(person)
        second = console.begin(
            f"from jupyter_copilot import wait_for\nd = wait_for({opened.confirmation_id!r})\nprint(d.by)"
        )
        await person.wait(lambda _: sum(x.kind == "kernel" for x in person.participants) == 2)
        assert {x.name for x in person.participants} >= {"Kernel of one.ipynb", "Console of one.ipynb"}
        await person.decide(opened.confirmation_id, "confirm")
        answers = [(await first).text.strip(), (await second).text.strip()]
        assert person.you is not None and answers == [person.you.name] * 2
        missing = await console.run("wait_for('nothing')")
        assert "Rejected: There is no confirmation 'nothing'" in missing.error


async def test_a_cell_says_that_the_connection_is_lost_and_that_it_is_back(
    start_kernel: StartKernel, person: Client, extension: Any
) -> None:
    kernel = await start_kernel()
    async with person:
        cell = kernel.begin(ASK + "confirm('Go on?')")
        opened = await only_question(person)
        doors = extension.kernels.admit

        async def closed(token: str | None) -> Any:
            raise web.HTTPError(502, "for the moment")

        extension.kernels.admit = closed
        for session in extension.rooms.sessions():
            if session.actor.kind == "kernel":
                session.close(p.CLOSE_SLOW, "gone for a moment", "after")
        await kernel.shows("is lost and comes back by itself", cell)
        extension.kernels.admit = doors
        await kernel.shows("Waiting for a decision", cell)
        await person.decide(opened.confirmation_id, "confirm")
        assert (await cell).status == "ok"


async def test_what_cannot_be_sent_is_said_at_once(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    too_long = await kernel.run(ASK + "confirm('x' * 300)")
    assert "Rejected: This cannot be sent" in too_long.error
    wrong = await kernel.run("confirm('Which?', schema={'type': 'nonsense'})")
    assert "Rejected: The schema is not valid" in wrong.error
