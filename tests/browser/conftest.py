"""One browser and one server of each kind for all tests here; each test has a notebook, people and replies."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from jupyter_copilot.testing.fault_server import KEY, MODEL
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from tests.browser.lab import Lab, free_port
from tests.browser.page import ARGS, Person

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
SAID = 8_000  # Characters of a server's log that a failed test shows.
_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is here drives a browser, and takes its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails leaves a picture of every page, what stands in the dialogs there, and what the server said."""
    report = yield
    around = getattr(item, "funcargs", {})
    opened: Browser | None = around.get("browser")
    if report.when == "call" and report.failed and opened:
        server: Lab | None = around.get("lab")
        if server:
            kernels = json.dumps(server.get("api/kernels"), indent=1)
            report.sections.append((f"the server at {server.url}", f"{kernels}\n{server.log[-SAID:]}"))
        pages = [page for context in opened.contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            with suppress(Error):
                picture = PICTURES / f"{item.name}-{number}.png"
                page.screenshot(path=picture)
                texts = [f"A picture of it: {picture}", *page.get_by_role("dialog").all_inner_texts()]
                report.sections.append((f"page {number} of {len(pages)}, {page.url}", "\n".join(texts)))
    return report


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """A real Chromium without a window."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def model_port() -> int:
    """Where the model of all tests listens."""
    return free_port()


@pytest.fixture(scope="session")
def model_environ(model_port: int) -> dict[str, str]:
    """The environment variables that name it."""
    return {"OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1", "OPENAI_API_KEY": KEY, "OPENAI_MODEL": MODEL}


@pytest.fixture
def model(model_port: int) -> Iterator[FaultServerThread]:
    """The model; a test adds its replies, and has to use them up."""
    with FaultServerThread([], port=model_port) as running:
        yield running


@pytest.fixture(scope="session")
def rtc_lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """JupyterLab in which notebooks are shared documents."""
    with Lab(tmp_path_factory.mktemp("rtc"), model_environ, rtc=True) as lab:
        yield lab


@pytest.fixture(scope="session")
def plain_lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """JupyterLab in which each tab has a notebook of its own."""
    with Lab(tmp_path_factory.mktemp("plain"), model_environ, rtc=False) as lab:
        yield lab


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Lab:
    """The server that the test names: `rtc_lab` or `plain_lab`, which is also the one of tests that name none."""
    found: Lab = request.getfixturevalue(getattr(request, "param", "plain_lab"))
    return found


@pytest.fixture
def notebook(lab: Lab) -> str:
    """A new notebook with one cell."""
    return lab.write(f"notebook-{next(_numbers)}.ipynb", "total = 1")


@pytest.fixture
def newcomer(browser: Browser, lab: Lab) -> Iterator[Callable[..., Person]]:
    """Makes somebody with a new browser of their own, at `lab` or another server; all of them go when the test ends."""
    made: list[Person] = []

    def make(name: str, at: Lab = lab, **options: Any) -> Person:
        made.append(Person(browser, at.url, name, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="package")
def resting(browser: Browser) -> dict[tuple[str, str], Person]:
    """The people who were in earlier tests, by server and name."""
    return {}


@pytest.fixture
def person(
    browser: Browser, lab: Lab, resting: dict[tuple[str, str], Person], request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Person]]:
    """Finds somebody at `lab`, which outlives the test; their browser has JupyterLab already, as it loads for seconds.

    They rest when the test ends. If it failed they go: nobody knows what their browser keeps.
    """
    failed_before = request.session.testsfailed
    found: list[Person] = []

    def find(name: str) -> Person:
        at_rest = (lab.url, name) in resting
        found.append(resting.pop((lab.url, name)) if at_rest else Person(browser, lab.url, name))
        return found[-1]

    yield find
    for each in found:
        if request.session.testsfailed > failed_before:
            each.close()
        else:
            each.rest()
            resting[lab.url, each.name] = each


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """No loop: servers are processes here, and Playwright brings an event loop of its own."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean."""
