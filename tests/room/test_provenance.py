"""What agents did to cells is told with who asked for it and who let it happen, and nothing that only waited."""

from __future__ import annotations

from typing import Any

from jupyter_copilot import protocol as p
from jupyter_copilot.room.provenance import CellWork, provenance

from ..builders import ALICE, BOB, Fold, post, streaming
from .test_audit import Log

EDIT = p.CellDiff(action="edit", cell_id="a", label="cell 2", before="1", after="2")
OTHER = p.CellDiff(action="edit", cell_id="a", label="cell 2", before="1", after="3")


def propose(fold: Fold, number: int = 1, effect: p.Effect = "edit") -> p.CallId:
    """A call that Alice's message led to."""
    if not fold.records:
        fold.do(post(), by=ALICE)
        fold.tell(p.RunStarted(run_id=p.RunId("m1.r1"), fence=1))
        streaming(fold, p.RunId("m1.r1"))
    call_id = p.CallId(f"m1.r1.s1.a1.c{number}")
    fold.tell(
        p.CallProposed(
            call_id=call_id, run_id=p.RunId("m1.r1"), step=1, message_id=p.MessageId("m1.r1.s1.a1"), tool="edit_cell",
            args={}, effect=effect, args_hash="h", preview=p.Preview(title="Edit cell 2", cells=[EDIT]),
        )
    )  # fmt: skip
    return call_id


def confirm(fold: Fold, call_id: p.CallId, **decision: Any) -> None:
    question = p.ConfirmationId(f"{call_id}.q")
    fold.tell(
        p.ConfirmationOpened(
            confirmation_id=question, kind="tool_call", thread_id=p.MAIN_THREAD, title="Edit cell 2", args_hash="h",
            options=[p.Option(id="approve", label="Approve", style="primary")], call_id=call_id,
        )
    )  # fmt: skip
    fold.tell(p.ConfirmationDecided(confirmation_id=question, args_hash="h", option="approve", **decision), by=BOB)


def start(fold: Fold, call_id: p.CallId, **fields: Any) -> None:
    fold.tell(p.CallStarted(call_id=call_id, exec_id="e", adapter="file", **fields))


def finish(fold: Fold, call_id: p.CallId, *, is_error: bool = False) -> None:
    fold.tell(p.CallFinished(call_id=call_id, result=p.CallResult(text="ok"), is_error=is_error))


async def works(fold: Fold) -> list[CellWork]:
    return await provenance(Log(fold.records))


async def test_an_edit_is_told_with_who_asked_who_approved_and_when() -> None:
    fold = Fold()
    call_id = propose(fold)
    confirm(fold, call_id)
    start(fold, call_id)
    finish(fold, call_id)
    (work,) = await works(fold)
    assert (work.cell_id, work.label, work.action, work.after) == ("a", "cell 2", "edit", "2")
    assert (work.agent, work.requested_by) == ("Copilot", "Alice")
    assert (work.allowed, work.allowed_by, work.edited, work.outcome) == ("person", "Bob", False, "done")
    started, decided = fold.records[work.seq - 1], fold.records[work.seq - 2]
    assert isinstance(started.event, p.CallStarted) and work.at == started.at and work.allowed_at == decided.at


async def test_what_people_changed_before_is_told_as_it_was_done() -> None:
    fold = Fold()
    call_id = propose(fold)
    confirm(fold, call_id, edited_args={"source": "3"})
    start(fold, call_id, preview=p.Preview(title="Edit cell 2", cells=[OTHER]))
    (work,) = await works(fold)
    assert (work.after, work.edited, work.outcome) == ("3", True, "running")


async def test_what_waits_and_what_only_read_is_no_work() -> None:
    fold = Fold()
    propose(fold)
    reading = propose(fold, 2, effect="read")
    start(fold, reading)
    assert await works(fold) == []


async def test_a_rule_names_who_granted_it_and_a_mode_nobody() -> None:
    fold = Fold()
    ruled, free = propose(fold), propose(fold, 2)
    scope = p.RuleScope()
    fold.tell(p.RuleGranted(rule_id=p.RuleId("r"), scope=scope), by=BOB)
    fold.tell(p.RuleUsed(rule_id=p.RuleId("r"), call_id=ruled))
    start(fold, ruled)
    start(fold, free)
    finish(fold, ruled, is_error=True)
    fold.tell(p.CallInDoubt(call_id=free, message="?"))
    assert [(work.allowed, work.allowed_by, work.outcome) for work in await works(fold)] == [
        ("rule", "Bob", "failed"),
        ("mode", "", "unknown"),
    ]


async def test_who_took_it_back_is_told() -> None:
    fold = Fold()
    call_id = propose(fold)
    start(fold, call_id)
    finish(fold, call_id)
    fold.tell(p.CallUndone(call_id=call_id), by=BOB)
    (work,) = await works(fold)
    assert (work.undone_by, work.undone_at) == ("Bob", fold.now)
