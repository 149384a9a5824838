"""The model sees what people see of an output: the tab that asked draws it."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server import Request
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

FRAME = """
import pandas
prices = pandas.DataFrame({'city': ['Oslo', 'Lima'], 'price': [3, 7]})
prices.style.set_properties(**{'background-color': '#c81e5a'})
"""
MIXED = """
import ipywidgets
from IPython.display import HTML, SVG, IFrame, display
display(SVG('<svg width="60" height="30"><defs><linearGradient id="g"><stop stop-color="#1e5ac8"/></linearGradient>'
            '</defs><rect width="60" height="30" fill="url(#g)"/></svg>'))
display(HTML('<canvas width="60" height="30"></canvas>'
             '<p style="color: #aa00ff; font: 900 60px monospace"><u>W</u></p>'))
display(ipywidgets.Button(description='Press', style={'button_color': '#ffaa00'}))
display(IFrame('about:blank', 100, 50))
"""


@pytest.mark.parametrize("lab", ["rtc_lab", "plain_lab"], indirect=True)
def test_the_model_sees_a_table_as_people_see_it(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("prices.ipynb", FRAME)
    model.add(
        answer("First I run it.", calls=[("run_cell", {"cell_id": "cell-1"})]),
        answer("Now I look.", calls=[("output_image", {"cell_id": "cell-1"})]),
        answer("Lima is dear."),
    )
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    alice.ask("Which city is dear?")
    alice.approve()
    alice.sees("Lima is dear.")
    shown = alice.output(1).bounding_box()
    picture = seen(model.requested(3))
    assert shown is not None
    assert abs(picture.height - shown["height"]) < 20
    assert picture.width >= shown["width"] - 1
    assert pixels(picture, "#c81e5a") > 2000
    assert "The picture is attached" in alice.page.evaluate(TOLD, notebook)


TOLD = """async notebook => {
    const answer = await fetch(`/api/copilot/notebooks/${notebook}/records?after=0`);
    return JSON.stringify((await answer.json()).records.filter(record => record.event.type === 'call_finished'));
}"""


def test_graphics_widgets_and_text_are_in_the_picture_and_embedded_pages_are_not(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("mixed.ipynb", MIXED)
    alice = person("Alice").open(notebook)
    alice.has_kernel()
    alice.command("notebook:run-all-cells")
    expect(alice.output(1).get_by_role("button", name="Press")).to_be_visible()
    alice.output(1).locator("canvas").evaluate(PAINT)
    model.add(answer("", calls=[("output_image", {"cell_id": "cell-1"})]), answer("Colourful."))
    loaded: list[str] = []
    alice.page.on("request", lambda request: loaded.append(request.url))
    alice.ask("What do you see?")
    alice.sees("Colourful.")
    request = model.requested(2)
    picture = seen(request)
    for colour in ("#1e5ac8", "#5ac81e", "#ffaa00"):
        assert pixels(picture, colour) > 1000, colour
    assert pixels(picture, "#aa00ff") > 300
    assert "1 embedded page cannot be drawn" in str(request.body["messages"])
    assert [url for url in loaded if not url.startswith((lab.url, "data:", "blob:"))] == []


PAINT = """canvas => {
    const brush = canvas.getContext('2d');
    brush.fillStyle = '#5ac81e';
    brush.fillRect(0, 0, 60, 30);
}"""


@pytest.fixture
def windowed(lab: Lab) -> Iterator[None]:
    """Notebooks draw only the cells that are in view."""
    settings = lab.files.parent / "config/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "full"}')
    yield
    shutil.rmtree(settings)


@pytest.mark.usefixtures("windowed")
def test_a_cell_that_is_not_drawn_is_scrolled_to(
    lab: Lab, newcomer: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("long.ipynb", *(f"{n}" for n in range(1, 60)), FRAME)
    somebody = newcomer("Alice")
    before = somebody.open(notebook)
    before.has_kernel()
    before.command("notebook:run-all-cells")
    before.page.wait_for_function(RAN_ALL)
    before.command("docmanager:save")
    before.page.close()
    alice = somebody.open(notebook)
    alice.has_kernel()
    expect(alice.page.get_by_role("cell", name="Lima")).to_have_count(0)
    model.add(answer("", calls=[("output_image", {"cell_id": "cell-60"})]), answer("Lima is dear."))
    alice.ask("What does the last one show?")
    alice.sees("Lima is dear.")
    assert pixels(seen(model.requested(2)), "#c81e5a") > 2000


RAN_ALL = """() => {
    const { model } = window.jupyterapp.shell.currentWidget.content;
    return model.cells.get(59).executionCount !== null;
}"""


def seen(request: Request) -> Image.Image:
    """The picture that the model was sent."""
    parts: list[Any] = [
        part
        for message in request.body["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    ]
    assert len(parts) == 1, f"{len(parts)} pictures"
    head, _, data = parts[0]["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def pixels(picture: Image.Image, colour: str) -> int:
    """How many pixels have this colour."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return sum(count for count, found in picture.getcolors(1 << 24) or () if found == wanted)
