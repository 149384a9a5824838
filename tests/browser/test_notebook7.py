"""The same copilot in Jupyter Notebook 7."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person


def test_the_sidebar_is_there_answers_and_acts(
    tmp_path: Path, browser: Browser, model: FaultServerThread, model_environ: dict[str, str]
) -> None:
    insert = ("insert_and_run", {"after": "cell-1", "source": "print('in', 'notebook 7')"})
    model.add(answer("Certainly.", calls=[insert]), answer("It is printed."))
    lab = Lab(tmp_path / "notebook", model_environ, rtc=False, command="notebook")
    lab.start()
    alice = Person(browser, lab.url, "Alice")
    try:
        tab = alice.open_classic(lab.write("classic.ipynb", "total = 1"))
        tab.ask("Print!")
        tab.sees("Certainly.")
        tab.approve()
        tab.sees("It is printed.")
        tab.shows_output(2, "in notebook 7")
    finally:
        alice.close()
        lab.stop()
