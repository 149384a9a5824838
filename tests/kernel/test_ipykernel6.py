"""The same in a kernel of ipykernel 6, which many environments still have."""

from __future__ import annotations

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client

from .conftest import StartKernel, only_question

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_it_confirms_follows_and_is_interrupted(start_kernel: StartKernel, person: Client, older: str) -> None:
    kernel = await start_kernel(kernel_name=older)
    async with person:
        assert (await kernel.run("import ipykernel; print(ipykernel.__version__)")).text.startswith("6.")
        cell = kernel.begin("from jupyter_copilot import confirm, Panel\nd = confirm('Go on?')\nprint(d.by)")
        opened = await only_question(person)
        await person.decide(opened.confirmation_id, "confirm")
        outcome = await cell
        assert person.you is not None and outcome.text.strip() == person.you.name
        assert "Confirm, said" in outcome.shown[0]

        code = "import time\npanel = Panel()\nwhile not panel.messages: time.sleep(0.01)\nprint(panel.messages[0].text)"
        cell = kernel.begin(code)
        await person.command(p.PostMessage(message_id=p.MessageId("m"), text="hello there", run=False))
        assert (await cell).text.strip() == "hello there"

        cell = kernel.begin("confirm('And now?')")
        await only_question(person)
        await kernel.interrupt()
        assert (await cell).error.startswith("KeyboardInterrupt")


async def test_the_other_kernels_here_run_ipykernel_7(start_kernel: StartKernel) -> None:
    kernel = await start_kernel()
    assert (await kernel.run("import ipykernel; print(ipykernel.__version__)")).text.startswith("7.")
