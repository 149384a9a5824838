"""What becomes of a kernel's token and questions when it restarts, dies, or its server stops."""

from __future__ import annotations

from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s

from .conftest import Kernel, StartKernel, only_question

pytestmark = pytest.mark.slow

WAIT = "from jupyter_copilot import confirm\nprint(confirm('Go on?').option)"
TOKEN = "import os; print(os.environ['JUPYTER_COPILOT_TOKEN'])"


async def _withdrawn(person: Client, confirmation_id: str) -> s.Withdrawn:
    state = await person.wait(lambda state: not isinstance(state.confirmations[confirmation_id], s.Open))
    found = state.confirmations[confirmation_id]
    assert isinstance(found, s.Withdrawn)
    return found


async def _begun(kernel: Kernel, person: Client) -> tuple[Any, s.Open]:
    cell = kernel.begin(WAIT)
    return cell, await only_question(person)


async def test_a_restart_withdraws_and_the_kernel_can_ask_again(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        token = (await kernel.run(TOKEN)).text
        cell, opened = await _begun(kernel, person)
        cell.cancel()
        await kernel.restart()
        await _withdrawn(person, opened.confirmation_id)  # by the kernel, as a restart interrupts it, or by the server
        assert (await kernel.run(TOKEN)).text == token
        cell, again = await _begun(kernel, person)
        await person.decide(again.confirmation_id, "confirm")
        assert (await cell).text.strip() == "confirm"


async def test_a_killed_kernel_leaves_nothing_open(start_kernel: StartKernel, person: Client) -> None:
    kernel = await start_kernel()
    async with person:
        cell, opened = await _begun(kernel, person)
        cell.cancel()
        kernel.kill()
        assert (await _withdrawn(person, opened.confirmation_id)).by.kind == "server"


async def test_the_token_of_a_kernel_that_was_shut_down_is_void(
    start_kernel: StartKernel, person: Client, jp_fetch: Any
) -> None:
    kernel = await start_kernel()
    async with person:
        token = (await kernel.run(TOKEN)).text.strip()
        cell, opened = await _begun(kernel, person)
        cell.cancel()
        await kernel.shutdown()
        await _withdrawn(person, opened.confirmation_id)
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch(
                "api/copilot/kernel/commands",
                method="POST",
                body="{}",
                headers={"Authorization": "", "X-Copilot-Kernel-Token": token},
            )
        assert caught.value.code == 403
        await person.wait(lambda _: not any(x.kind == "kernel" for x in person.participants))


async def test_a_server_that_stops_withdraws_what_its_kernels_asked(
    start_kernel: StartKernel, person: Client, extension: Any
) -> None:
    kernel = await start_kernel()
    async with person:
        cell, opened = await _begun(kernel, person)
        cell.cancel()
        await extension.kernels.close()
        assert (await _withdrawn(person, opened.confirmation_id)).by.kind == "server"


async def test_a_room_follows_the_session_and_not_the_name_at_the_start(
    start_kernel: StartKernel, person: Client, notebook: str, jp_serverapp: Any
) -> None:
    kernel = await start_kernel(path="0f9c3c0e-made-up")
    cell = kernel.begin(WAIT)
    sessions = jp_serverapp.session_manager
    await sessions.update_session(kernel.session["id"], path=f"RTC:{notebook}", name=notebook)
    async with person:
        opened = await only_question(person)
        await person.decide(opened.confirmation_id, "confirm")
        assert (await cell).text.strip() == "confirm"


async def test_a_kernel_without_a_notebook_is_told_so(start_kernel: StartKernel) -> None:
    kernel = await start_kernel(path="untitled", type="console")
    code = "import jupyter_copilot.kernel.connection as c; c.CONNECT_S = 4\n" + WAIT
    outcome = await kernel.run(code)
    assert "No notebook uses this kernel" in outcome.error
