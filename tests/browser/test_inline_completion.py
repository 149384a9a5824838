"""Code completed while somebody types in a real JupyterLab, by a scripted model server that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import completion
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

Newcomer = Callable[..., Person]


@pytest.fixture(scope="module")
def completing_lab(tmp_path_factory: pytest.TempPathFactory, model_environ: dict[str, str]) -> Iterator[Lab]:
    """JupyterLab whose local model may complete code."""
    config = {"CopilotApp": {"inline_completion": "allowed"}}
    with Lab(tmp_path_factory.mktemp("completing"), model_environ, rtc=False, config=config) as lab:
        yield lab


@pytest.fixture
def lab(completing_lab: Lab) -> Lab:
    return completing_lab


def ghost(page: Page) -> Locator:
    """The text that is proposed at the cursor."""
    return page.locator(".jp-GhostText:visible")


def write(tab: Tab, number: int, text: str) -> None:
    """Go to the end of a cell and type."""
    tab.cell(number).locator(".cm-content").click()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type(text)


def source(tab: Tab, number: int) -> str:
    """What stands in a cell, as the notebook has it."""
    found: str = tab.page.evaluate(
        """number => {
            const { shell } = window.jupyterapp;
            const panel = [...shell.widgets('main')].find(each => each.content?.widgets);
            return panel.content.widgets[number].model.sharedModel.getSource();
        }""",
        number - 1,
    )
    return found


def ready(person: Person, lab: Lab, name: str, *sources: str) -> Tab:
    tab = person.open(lab.write(f"{name}.ipynb", *sources))
    expect(tab.page.get_by_role("button", name="Completion: ")).to_be_visible()
    return tab


def test_a_ghost_comes_while_one_types_and_is_typed_into_and_accepted(
    lab: Lab, newcomer: Newcomer, model: FaultServerThread
) -> None:
    tab = ready(newcomer("Alice"), lab, "ghost", "import math", "x = 1")
    model.add(completion("math.pi * r"))
    write(tab, 2, "\ny =")
    tab.page.keyboard.type(" ")
    expect(ghost(tab.page)).to_have_text("math.pi * r")
    assert source(tab, 2) == "x = 1\ny = ", "a ghost is no part of the notebook"
    tab.page.keyboard.type("math.")
    expect(ghost(tab.page)).to_have_text("pi * r")
    tab.page.keyboard.press("Tab")
    expect(ghost(tab.page)).to_have_count(0)
    assert source(tab, 2) == "x = 1\ny = math.pi * r"
    (request,) = model.requests
    assert request.body["prompt"].endswith("import math\n\n# %%\nx = 1\ny = ")
    assert request.body["model"] and lab.records("ghost.ipynb") == [], "nothing of it is on record"


def test_a_key_that_does_not_fit_ends_the_request_at_the_model(
    lab: Lab, newcomer: Newcomer, model: FaultServerThread
) -> None:
    tab = ready(newcomer("Alice"), lab, "cancelled", "a = 1")
    model.add(completion("one two", gate="middle"), completion("ok"))
    write(tab, 1, "\nb = ")
    model.reached("middle")
    expect(ghost(tab.page)).to_have_text("one ")
    tab.page.keyboard.type("z")
    model.disconnected()
    expect(ghost(tab.page)).to_have_text("ok")
    assert len(model.requests) == 2


def test_nothing_is_sent_for_what_nobody_typed_nor_once_it_is_off(
    lab: Lab, newcomer: Newcomer, model: FaultServerThread
) -> None:
    tab = ready(newcomer("Alice"), lab, "quiet", "a = 1", "b = 2")
    tab.cell(1).locator(".cm-content").click()
    tab.page.evaluate(
        """() => {
            const { shell } = window.jupyterapp;
            const panel = [...shell.widgets('main')].find(each => each.content?.widgets);
            panel.content.widgets[0].model.sharedModel.setSource('a = 3 + ');
        }"""
    )
    tab.page.get_by_role("button", name="Completion: ").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Sent to")
    dialog.get_by_label("Complete code").select_option("off")
    dialog.get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("button", name="Completion: off")).to_be_visible()
    write(tab, 2, "\nc = ")
    tab.page.keyboard.press("Alt+\\")
    write(tab, 1, "d")
    tab.page.get_by_role("button", name="Completion: off").click()
    tab.page.get_by_role("dialog").get_by_label("Complete code").select_option("invoke")
    tab.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("button", name="Completion: on Alt")).to_be_visible()
    assert model.requests == []
    model.add(completion("4"))
    write(tab, 2, " ")
    tab.page.keyboard.press("Alt+\\")
    expect(ghost(tab.page)).to_have_text("4")
    assert len(model.requests) == 1
    tab.page.get_by_role("button", name="Completion: on Alt").click()
    tab.page.get_by_role("dialog").get_by_label("Complete code").select_option("auto")
    tab.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(tab.page.get_by_role("button", name="Completion: test-model")).to_be_visible()


def test_names_of_the_kernel_are_told_and_a_file_is_completed_too(
    lab: Lab, newcomer: Newcomer, model: FaultServerThread
) -> None:
    tab = ready(newcomer("Alice"), lab, "names", "from fractions import Fraction\nhalf = Fraction(1, 2)", "")
    tab.run(1)
    tab.has_kernel()
    expect(tab.cell(1).locator(".jp-InputPrompt")).to_have_text("[1]:")
    model.add(completion("half").always())
    write(tab, 2, "a = ")
    expect(ghost(tab.page)).to_have_text("half")
    tab.page.keyboard.press("Tab")
    write(tab, 2, "\nb = ")
    expect(ghost(tab.page)).to_have_text("half")
    assert "# half: fractions.Fraction" in model.requests[-1].body["prompt"]
    Path(lab.files, "module.py").write_text("import math\n")
    tab.page.evaluate("window.jupyterapp.commands.execute('docmanager:open', { path: 'module.py' }).then(() => null)")
    page = tab.page
    page.locator(".jp-FileEditor .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("c = ")
    expect(ghost(page)).to_have_text("half")
    assert model.requests[-1].body["prompt"] == "import math\nc = "
