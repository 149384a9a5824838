"""What confirmed code draws is drawn in the notebook: trust follows the confirmation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

SLIDER = {
    "after": "cell-1",
    "source": "import ipywidgets\nfrom IPython.display import HTML, display\n"
    "display(HTML('<b id=\"drawn\" onclick=\"1\">rich</b>'))\nipywidgets.IntSlider(description='Width')",
}


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_widgets_and_html_of_approved_code_are_drawn(
    lab: Lab, notebook: str, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    model.add(answer("A slider.", calls=[("insert_and_run", SLIDER)]), answer("There it is."))
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    alice.ask("Give me a slider.")
    alice.approve()
    alice.sees("There it is.")
    output = alice.output(2)
    expect(output.get_by_text("rich")).to_be_visible()
    expect(output.locator(".widget-slider")).to_be_visible()


LARGE = """
from IPython.display import HTML, display
print('x' * 900_000, 'printed')
display(HTML('<p>' + 'y' * 900_000 + '</p>'))
"""


def test_outputs_larger_than_a_frame_are_reported_and_read_as_far_as_they_fit(
    lab: Lab, notebook: str, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    model.add(
        answer("I run it.", calls=[("insert_and_run", {"after": "cell-1", "source": LARGE})]),
        answer("I read it.", calls=[("read_notebook", {})]),
        answer("That is a lot."),
    )
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    alice.ask("Run something large.")
    alice.approve()
    alice.sees("That is a lot.")
    told = [str(message["content"]) for message in model.requested(3).body["messages"] if message["role"] == "tool"]
    assert len(told) == 2
    assert all("printed" in text for text in told), told
    assert lab.events(notebook, "call_in_doubt") == []
