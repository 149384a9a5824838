"""Kernels behind a gateway: a panel needs none, code says that it has no access, and nobody is hurt."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import TOKEN, Lab, free_port, until_it_listens
from tests.browser.page import Person

PANEL = "from jupyter_copilot import Panel, confirm\npanel = Panel(height=300)\npanel"
CONNECTION = "print(panel.connection)"
ASK = "print('it is', confirm('Go on?', default='cancel').option)"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[str]:
    """The address of a server that runs the kernels of others, and has no copilot."""
    port = free_port()
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "root_dir": tmp_path,
        "open_browser": False,
        "allow_root": True,
        "jpserver_extensions": {"jupyter_copilot": False},
    }
    command = [f"--ServerApp.{name}={value}" for name, value in options.items()]
    folders = {
        f"JUPYTER_{kind}_DIR": str(tmp_path / "gateway" / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "server", *command, f"--IdentityProvider.token={TOKEN}"],
        env=os.environ | folders,
        start_new_session=True,
    )
    try:
        until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def gateway_lab(gateway: str, tmp_path: Path, model_environ: dict[str, str]) -> Iterator[Lab]:
    """JupyterLab whose kernels run behind the gateway."""
    config = {"GatewayClient": {"url": gateway, "auth_token": TOKEN}}
    with Lab(tmp_path / "lab", model_environ, rtc=False, config=config) as lab:
        yield lab


@pytest.mark.parametrize("lab", ["gateway_lab"], indirect=True)
def test_a_panel_works_and_code_says_that_it_has_no_access(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    model.add(answer("It answers all the same."))
    tab = newcomer("Alice").open(lab.write("gateway.ipynb", PANEL, CONNECTION, ASK))
    for number in (1, 2, 3):
        tab.run(number)
    tab.shows(2, "The Jupyter server gave this kernel no access to the copilot.")
    tab.shows(2, "hands over the environment, which a gateway does not")
    tab.shows(3, "it is cancel")
    composer = tab.panel_in_notebook.get_by_role("combobox", name="Message to everybody here and the copilot")
    composer.fill("Is anybody there?")
    composer.press("Enter")
    tab.sees("It answers all the same.", times=2)  # in the sidebar and in the panel
