"""A person sets up a model in the sidebar, without an administrator, and it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server import KEY, MODEL
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person


@pytest.fixture(scope="module")
def bare_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab without any model."""
    with Lab(tmp_path_factory.mktemp("bare"), {}, rtc=False) as lab:
        yield lab


@pytest.fixture
def lab(bare_lab: Lab) -> Lab:
    return bare_lab


def test_a_model_is_set_up_tested_and_answers(
    lab: Lab, newcomer: Callable[..., Person], model: FaultServerThread
) -> None:
    tab = newcomer("Alice").open(lab.write("setup.ipynb", "x = 1"))
    page = tab.page
    page.get_by_role("button", name="Choose a provider", exact=True).click()
    page.get_by_role("button", name="vLLM", exact=True).click()
    page.get_by_label("Address").fill(model.base_url)
    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Test", exact=True).click()
    said = page.get_by_role("region", name="Models").get_by_role("status")
    expect(said).to_contain_text("has 1 models")
    page.get_by_label("Name of a model").fill(MODEL)
    page.get_by_role("button", name="Add", exact=True).click()
    model.add(answer("OK"))
    page.get_by_role("button", name="Test", exact=True).click()
    expect(said).to_contain_text("answered in")
    assert tab.accessibility_problems() == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("A key is saved")).to_be_visible()
    assert KEY not in page.content()
    page.get_by_role("button", name="Back to the chat", exact=True).click()
    model.add(answer("Hello from the new model."))
    tab.ask("Hello")
    tab.sees("Hello from the new model.")
    assert model.requests[-1].key == "expected"
