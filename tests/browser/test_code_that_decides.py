"""Code in a kernel tries to approve what the agent wants: it is refused by every door, and people read who tried."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from jupyter_copilot.ports.notebook import version_of
from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person

EDIT = {"cell_id": "cell-2", "expected_version": version_of("total = 1", "code"), "source": "total = 2"}
APPROVE = """
import json, os, urllib.error, urllib.request
from jupyter_copilot import Panel, protocol
from jupyter_copilot.kernel.shared import shared_connection

panel = Panel()
panel._arrived.wait(10)

async def look(client):
    return client.state.confirmations[panel.pending[0].id]

opened = shared_connection().submit(look).result()
wish = protocol.Decide(confirmation_id=opened.confirmation_id, args_hash=opened.args_hash, option="approve")
try:
    shared_connection().submit(lambda client: client.command(wish)).result()
except Exception as refusal:
    print("by WebSocket:", refusal.code)

body = json.dumps({"command_id": "sly", "command": {
    "type": "decide", "confirmation_id": wish.confirmation_id, "args_hash": wish.args_hash, "option": "approve"}})
for door in ("kernel", "notebooks/" + "sly.ipynb"):
    headers = {"X-Copilot-Kernel-Token": os.environ["JUPYTER_COPILOT_TOKEN"]}
    address = os.environ["JUPYTER_COPILOT_URL"] + "api/copilot/" + door + "/commands"
    try:
        urllib.request.urlopen(urllib.request.Request(address, body.encode(), headers))
    except urllib.error.HTTPError as refusal:
        print("by", door, refusal.code)
"""
REFUSED = "Code in “Kernel of sly.ipynb” tried to decide this by itself. It was refused."


def test_it_is_refused_put_on_record_and_told_to_the_people_here(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("sly.ipynb", APPROVE, "total = 1")
    model.add(answer("I shall change it.", calls=[("edit_cell", EDIT)]), answer("As you like."))
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Change the total!")
    expect(bob.cards).to_have_count(1)
    alice.run(1)
    for door in ("by WebSocket: forbidden", "by kernel 403", "by notebooks/sly.ipynb 403"):
        alice.shows(1, door)
    for each in (alice, bob):
        expect(each.panel.get_by_role("status").get_by_text("tried to decide")).to_have_text(
            "Code in “Kernel of sly.ipynb” tried to decide “Edit cell 2” by itself. It was refused. "
            "Look at what ran there last."
        )
        expect(each.cards).to_have_count(1)
        expect(each.cards).to_contain_text(REFUSED)
    assert "tried to decide confirmation" in lab.log
    (record,) = [record for record in lab.records(notebook) if record["event"]["type"] == "decision_refused"]
    assert record["actor"]["name"] == "Kernel of sly.ipynb" and record["actor"]["kind"] == "kernel"
    assert not lab.events(notebook, "confirmation_decided")

    # Whoever comes later reads it too, also beside the decision.
    carol = person("Carol").open(notebook)
    expect(carol.cards).to_contain_text(REFUSED)
    carol.deny()
    alice.sees(re.compile("Carol denied"))
    alice.sees("As you like.")
    alice.panel.get_by_role("button", name="Details of this decision").click()
    alice.sees(REFUSED)
