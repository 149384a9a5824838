"""The same in a kernel of ipykernel 6, which many environments still have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.client import Client

from .conftest import StartKernel, only_question

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def ipykernel6(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the last ipykernel 6, to be put before the installed one."""
    target = tmp_path_factory.mktemp("ipykernel6")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "--target", str(target), "ipykernel>=6.29,<7"], check=True)
    return target


@pytest.fixture
def older(ipykernel6: Path, jp_serverapp: Any) -> str:
    """The name of a kernel that runs it."""
    folder = Path(jp_serverapp.kernel_spec_manager.user_kernel_dir) / "older"
    folder.mkdir(parents=True)
    path = f"import sys; sys.path.insert(0, {str(ipykernel6)!r})"
    start = f"{path}; from ipykernel import kernelapp; kernelapp.launch_new_instance()"
    spec = {
        "argv": [sys.executable, "-c", start, "-f", "{connection_file}"],
        "display_name": "Older",
        "language": "python",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return "older"


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
