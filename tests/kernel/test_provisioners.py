"""Kernels that a provisioner starts elsewhere: what can work works, and else the code says what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from jupyter_copilot.client import Client
from jupyter_copilot.core import state as s

from .conftest import StartKernel, only_question

pytestmark = pytest.mark.slow

ASK = "from jupyter_copilot import confirm\nprint(confirm('Go on?').option)"
GROUP = "jupyter_client.kernel_provisioners"


@pytest.fixture
def jp_server_config(jp_server_config: Any) -> Any:
    jp_server_config.KernelManager.shutdown_wait_time = 1.0
    return jp_server_config


@pytest.fixture
def provisioned(jp_serverapp: Any) -> Callable[[str], str]:
    """Makes a kernel that a provisioner of `elsewhere.py` starts; returns its name."""

    def install(provisioner: str) -> str:
        name = provisioner.lower()
        folder = Path(jp_serverapp.kernel_spec_manager.user_kernel_dir) / name
        folder.mkdir(parents=True)
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": provisioner,
            "language": "python",
            "metadata": {"kernel_provisioner": {"provisioner_name": name}},
        }
        (folder / "kernel.json").write_text(json.dumps(spec))
        factory = KernelProvisionerFactory.instance(parent=jp_serverapp.kernel_manager)
        factory.provisioners[name] = EntryPoint(name, f"tests.kernel.elsewhere:{provisioner}", GROUP)
        return name

    return install


@pytest.mark.parametrize("provisioner", ["Elsewhere", "Nameless"])
async def test_a_process_that_is_not_known_here_asks_and_a_restart_takes_its_question_back(
    start_kernel: StartKernel, person: Client, extension: Any, provisioned: Callable[[str], str], provisioner: str
) -> None:
    kernel = await start_kernel(kernel_name=provisioned(provisioner))
    async with person:
        cell = kernel.begin(ASK)
        opened = await only_question(person)
        await extension.kernels.settle()
        await person.decide(opened.confirmation_id, "confirm")
        assert (await cell).text.strip() == "confirm", "no process id of another machine is taken for one of this"

        # It does not answer to the interrupt of a restart: so it is the server that has to notice.
        stubborn = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{ASK}"
        cell = kernel.begin(stubborn)
        opened = await only_question(person)
        cell.cancel()
        await kernel.restart()
        await extension.kernels.settle()
        state = await person.wait(lambda state: not isinstance(state.confirmations[opened.confirmation_id], s.Open))
        taken = state.confirmations[opened.confirmation_id]
        assert isinstance(taken, s.Withdrawn) and taken.by.kind == "server"


async def test_a_kernel_without_the_servers_environment_says_so_and_hurts_nobody(
    start_kernel: StartKernel, person: Client, provisioned: Callable[[str], str]
) -> None:
    kernel = await start_kernel(kernel_name=provisioned("Sealed"))
    async with person:
        outcome = await kernel.run("from jupyter_copilot import Panel, confirm\npanel = Panel()\npanel")
        for words in ("gave this kernel no access", "hands over the environment"):
            assert words in outcome.shown[0]
        assert "NotConfirmed" in (await kernel.run("confirm('Go on?')")).error
        assert (await kernel.run("print(confirm('Go on?', default='cancel').option)")).text.strip() == "cancel"
        await person.post("still here", run=False)
