"""Rules in two browsers: granted on a card, seen and ended by everybody; and how few decisions a long job takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from jupyter_copilot.testing.fault_server_thread import FaultServerThread
from jupyter_copilot.testing.replies import answer
from tests.browser.lab import Lab
from tests.browser.page import Person, Tab

UNTIL_ANSWER = "Edit and run without asking until this answer ends"
EIGHT = [f"print('ran', {n})" for n in range(8)]


def grant(tab: Tab, label: str) -> None:
    """Approve the first card, and let more of the kind go on."""
    tab.cards.first.get_by_role("button", name="More ways to allow this").click()
    tab.cards.first.get_by_role("button", name=label).click()


def runs(first: int, last: int) -> list[tuple[str, dict[str, object]]]:
    return [("run_cell", {"cell_id": f"cell-{n + 1}"}) for n in range(first, last)]


def test_a_job_of_eight_runs_takes_one_decision(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("eight.ipynb", *EIGHT)
    model.add(
        answer("First two.", calls=runs(0, 2)),
        answer("Then three.", calls=runs(2, 5)),
        answer("And three.", calls=runs(5, 8)),
        answer("All eight ran."),
    )
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Run all eight!")
    expect(alice.cards).to_have_count(2)
    grant(alice, UNTIL_ANSWER)
    for each in (alice, bob):
        each.sees("All eight ran.")
        expect(each.cards).to_have_count(0)
        expect(each.panel.locator(".jp-Copilot-strip")).to_have_count(0)
    decided = lab.events(notebook, "confirmation_decided")
    assert len({event["rule_id"] for event in decided}) == 2 and len(decided) == 2, "one by hand, one by its rule"
    assert len(lab.events(notebook, "rule_granted")) == 1
    assert len(lab.events(notebook, "rule_used")) == 6
    assert len(lab.events(notebook, "call_started")) == 8


def test_a_rule_that_one_grants_another_ends_for_both(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("revoke.ipynb", *EIGHT)
    model.add(
        answer("One.", calls=runs(0, 1)),
        answer("Two.", calls=runs(1, 2)),
        answer("Three.", gate="three", calls=runs(2, 3)),
        answer("All ran."),
    )
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Run three!")
    grant(alice, "Edits and runs in this chat for an hour")
    alice.sees("by a rule of Alice")
    for each in (alice, bob):
        expect(each.panel.locator(".jp-Copilot-stripLine")).to_contain_text("allowed by Alice")
    bob.panel.get_by_role("button", name="Revoke: Edits and runs in this chat").click()
    for each in (alice, bob):
        expect(each.panel.locator(".jp-Copilot-stripLine")).to_have_count(0)
    model.open("three")
    expect(bob.cards).to_have_count(1)
    bob.approve()
    alice.sees("All ran.")
    (ended,) = lab.events(notebook, "rule_ended")
    assert ended["reason"] == "revoked"


def test_dangerous_code_asks_in_spite_of_auto_and_says_why(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("danger.ipynb", "print('fine')", "import os\nos.path.exists('x') and os.remove('x')")
    model.add(answer("Both.", calls=runs(0, 2)), answer("Done."))
    alice = person("Alice").open(notebook)
    alice.panel.get_by_role("button", name="Mode: Ask").click()
    alice.panel.get_by_role("menuitemradio", name="Auto, for one answer").click()
    expect(alice.panel.locator(".jp-Copilot-stripLine")).to_contain_text("Auto until the answer ends")
    alice.ask("Run both!")
    expect(alice.cards).to_have_count(1)
    expect(alice.cards.first).to_contain_text("Look twice: as far as can be read, this deletes files or data.")
    alice.approve()
    alice.sees("Done.")
    expect(alice.panel.get_by_role("button", name="Mode: Ask")).to_be_visible()


def test_all_that_waits_is_approved_at_once(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("all.ipynb", *EIGHT)
    model.add(answer("Three.", calls=runs(0, 3)), answer("Done."))
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.ask("Run three!")
    bob.panel.get_by_role("button", name="Approve all 3").click()
    alice.sees("Done.")
    assert len(lab.events(notebook, "confirmation_decided")) == 3


def test_a_plan_is_one_decision_whose_approval_lets_its_steps_go_on(
    lab: Lab, person: Callable[[str], Person], model: FaultServerThread
) -> None:
    notebook = lab.write("plan.ipynb", *EIGHT)
    steps = [{"do": "Look at all cells.", "effect": "read"}, {"do": "Run three cells.", "effect": "execute"}]
    model.add(
        answer("I would do this.", calls=[("propose_plan", {"title": "Run three", "steps": steps})]),
        answer("Three.", calls=runs(0, 3)),
        answer("All three ran."),
    )
    alice, bob = person("Alice").open(notebook), person("Bob").open(notebook)
    alice.panel.get_by_role("button", name="Mode: Ask").click()
    alice.panel.get_by_role("menuitemradio", name="Plan").click()
    expect(bob.panel.get_by_role("button", name="Mode: Plan")).to_be_visible()
    alice.ask("Run three!")
    expect(alice.cards.first).to_contain_text("2. Run three cells. (runs code)")
    grant(bob, "Its edits and runs, until this answer ends")
    for each in (alice, bob):
        each.sees("All three ran.")
        expect(each.panel.get_by_role("button", name="Mode: Ask")).to_be_visible()
    assert len(lab.events(notebook, "confirmation_decided")) == 1, "the plan, and nothing else"
    assert len(lab.events(notebook, "rule_used")) == 3


TWO_AGREE = """
[[deciders]]
match = { effect = "execute", path = "exam*" }
needed = 2
not_asker = true
because = "Two others look at what runs in an exam."
"""


def test_two_others_agree_or_one_of_them_refuses_and_everybody_sees_who_did(
    tmp_path: Path, newcomer: Callable[..., Person], model: FaultServerThread, model_environ: dict[str, str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(TWO_AGREE)
    model.add(
        answer("One.", calls=runs(0, 1)), answer("It ran."), answer("Two.", calls=runs(1, 2)), answer("It did not run.")
    )
    config = {"CopilotApp": {"policy_file": str(policy)}}
    with Lab(tmp_path, model_environ, rtc=False, config=config) as lab:
        notebook = lab.write("exam.ipynb", *EIGHT)
        alice, bob, carol = (newcomer(name, at=lab).open(notebook) for name in ("Alice", "Bob", "Carol"))
        alice.ask("Run one!")
        expect(alice.cards.first).to_contain_text("You asked for this, so others have to decide it.")
        expect(bob.cards.first).to_contain_text("Two others look at what runs in an exam.")
        expect(bob.cards.first).to_contain_text("0 of 2 approved")
        bob.approve()
        for each in (alice, bob, carol):
            expect(each.cards.first).to_contain_text("1 of 2 approved: Bob")
        assert lab.events(notebook, "call_started") == []
        carol.approve()
        for each in (alice, bob, carol):
            each.sees("It ran.")
        alice.ask("Run another!")
        bob.approve()
        expect(carol.cards.first).to_contain_text("1 of 2 approved: Bob")
        carol.deny("Not in an exam.")
        for each in (alice, bob, carol):
            each.sees("It did not run.")
        assert len(lab.events(notebook, "call_started")) == 1
        assert [event["option"] for event in lab.events(notebook, "confirmation_decided")] == ["approve", "deny"]
