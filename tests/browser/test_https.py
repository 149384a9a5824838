"""A server with a certificate that nobody vouches for: kernels reach their room, and take no other for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

PANEL = "from jupyter_copilot import Panel\npanel = Panel(height=300)\npanel"
ASK = "from jupyter_copilot import confirm\nprint('decided by', confirm('Delete 10,000 rows?').by)"
CONNECTED = "import time\nwhile panel.connection != 'connected': time.sleep(0.05)\nprint('it is', panel.connection)"
WITH = "import os\nos.environ['JUPYTER_COPILOT_CERTIFICATE'] = {certificate!r}\n"


def certificate(folder: Path, name: str) -> Path:
    """A file with a new key and a certificate for a name that no address here has."""
    path = folder / f"{name}.pem"
    trustme.CA().issue_cert("hub.example.org").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module", params=["127.0.0.1", "127.0.0.2"], ids=["loopback", "elsewhere"])
def https_lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over HTTPS, at the address that kernels know as their own machine, and at one that they do not."""
    folder = tmp_path_factory.mktemp("https")
    with Lab(folder, {}, rtc=False, certificate=certificate(folder, "server"), host=request.param) as lab:
        yield lab


@pytest.fixture
def lab(https_lab: Lab) -> Lab:
    return https_lab


@pytest.fixture
def opened(lab: Lab, newcomer: Callable[..., Person]) -> Callable[..., Tab]:
    """Opens a new notebook with these cells, in the browser of somebody who went on in spite of the warning."""

    def open(name: str, *cells: str) -> Tab:
        return newcomer("Alice", ignore_https_errors=True).open(lab.write(name, *cells))

    return open


def test_a_panel_and_a_question_of_code_work(opened: Callable[..., Tab]) -> None:
    tab = opened("https.ipynb", PANEL, CONNECTED, ASK)
    tab.run(1)
    tab.run(2)
    tab.shows(2, "it is connected")
    tab.run(3)
    tab.panel_in_notebook.get_by_role("article").get_by_role("button", name="Confirm").click()
    tab.shows(3, "decided by Alice")


@pytest.mark.parametrize("https_lab", ["127.0.0.2"], indirect=True, ids=["elsewhere"])
@pytest.mark.parametrize("known", ["another", "none"])
def test_a_kernel_that_knows_another_certificate_or_none_says_what_to_do(
    opened: Callable[..., Tab], tmp_path: Path, known: str
) -> None:
    path = certificate(tmp_path, "another") if known == "another" else ""
    tab = opened(f"{known}.ipynb", WITH.format(certificate=str(path)) + ASK)
    tab.run(1)
    tab.shows(1, "This kernel does not trust the certificate of https://127.0.0.2:")
    tab.shows(1, "Set JUPYTER_COPILOT_CERTIFICATE in its environment to a file with that certificate")
