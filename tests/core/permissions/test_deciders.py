"""Several deciders: n of m, named people and groups, not the asker, a veto, escalation; each once, in the log."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide.rules import rules_without_right
from jupyter_copilot.core.permissions.deciders import policy_for
from jupyter_copilot.protocol.errors import Rejected
from jupyter_copilot.room.loading import load_room
from jupyter_copilot.testing import ManualClock
from jupyter_copilot.testing.memory_log import MemoryEventLog

from ...builders import ALICE, ALL, BOB, Fold, person, proposed, running
from ...soak import rounds
from ...vectors.permissions import asked

CAROL, DORA = person("Carol"), person("Dora")
TEACHER = replace(person("Tess"), groups=("teachers",))
HEAD = replace(person("Hank"), groups=("heads",))
ROOM = p.RoomId("room")


def opened(fold: Fold, **policy: Any) -> s.Open:
    """A call of Alice's that waits under this policy."""
    call = proposed(fold, running(fold))
    found = fold.state.confirmations[f"{call}.q"]
    assert isinstance(found, s.Open)
    made = replace(found, policy=p.Policy(right="execute", **policy))
    fold.state.confirmations[made.confirmation_id] = made
    return made


def decision(found: s.Open, option: str = p.APPROVE, **fields: Any) -> p.Decide:
    return p.Decide(confirmation_id=found.confirmation_id, args_hash=found.args_hash, option=option, **fields)


def kinds(events: list[p.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def refusal(fold: Fold, command: p.Command, by: p.Actor) -> Rejected:
    with pytest.raises(Rejected) as error:
        fold.do(command, by)
    return error.value


def test_two_of_them_must_agree_and_the_second_decides() -> None:
    fold = Fold()
    found = opened(fold, needed=2)
    assert kinds(fold.do(decision(found), BOB)) == ["ConfirmationVoted"]
    waits = fold.state.confirmations[found.confirmation_id]
    assert isinstance(waits, s.Open) and [vote.by.name for vote in waits.votes] == ["Bob"]
    assert isinstance(fold.state.calls[found.call_id or ""], s.CallProposal), "one of two is no approval"
    assert refusal(fold, decision(found), BOB).code == "already_exists"
    assert kinds(fold.do(decision(found), CAROL)) == ["ConfirmationVoted", "ConfirmationDecided"]
    done = fold.state.confirmations[found.confirmation_id]
    assert isinstance(done, s.Decided) and [vote.by.name for vote in done.votes] == ["Bob", "Carol"]
    assert refusal(fold, decision(found), DORA).code == "already_decided"


def test_one_who_refuses_decides_alone() -> None:
    fold = Fold()
    found = opened(fold, needed=3)
    fold.do(decision(found), BOB)
    assert kinds(fold.do(decision(found, p.DENY, comment="No."), CAROL)) == ["ConfirmationDecided"]
    assert isinstance(fold.state.calls[found.call_id or ""], s.CallDenied)


def test_nobody_changes_alone_what_several_decide_on() -> None:
    fold = Fold()
    found = opened(fold, needed=2)
    assert refusal(fold, decision(found, edited_args={"cell_id": "b"}), BOB).code == "invalid_args"


def test_who_asked_does_not_count_nor_who_is_not_named() -> None:
    fold = Fold()
    found = opened(fold, not_asker=True)
    assert "asked for this" in refusal(fold, decision(found), ALICE).message
    assert kinds(fold.do(decision(found), BOB)) == ["ConfirmationDecided"]
    fold = Fold()
    found = opened(fold, people=["carol"], groups=["teachers"])
    for stranger in (BOB, HEAD):
        assert "carol, teachers" in refusal(fold, decision(found), stranger).message
        assert refusal(fold, decision(found, p.DENY), stranger).code == "forbidden", "a veto is for those who count"
    assert kinds(fold.do(decision(found), TEACHER)) == ["ConfirmationDecided"]


def test_who_said_more_while_it_went_on_asked_for_it_too() -> None:
    fold = Fold()
    found = opened(fold, not_asker=True)
    run = fold.state.runs[found.run_id or ""]
    joined = s.Joined(message_id=p.MessageId("m2"), step=2, by=BOB)
    fold.state.runs[run.run_id] = replace(run, joined=[joined])
    for asker in (ALICE, BOB):
        assert "asked for this" in refusal(fold, decision(found), asker).message
    assert kinds(fold.do(decision(found), CAROL)) == ["ConfirmationDecided"]


def test_after_a_time_a_second_group_counts_too() -> None:
    fold = Fold()
    found = opened(fold, groups=["teachers"], escalate_at=5_000, escalate_to=["heads"])
    assert refusal(fold, decision(found), HEAD).code == "forbidden"
    fold.now = 5_000
    assert kinds(fold.do(decision(found), HEAD)) == ["ConfirmationDecided"]


def test_what_is_shown_anew_is_voted_on_anew_and_a_lost_right_takes_the_vote_along() -> None:
    fold = Fold()
    found = opened(fold, needed=2)
    fold.do(decision(found), BOB)
    fold.tell(*rules_without_right(fold.state, BOB, frozenset({"read"})), by=p.SERVER)
    waits = fold.state.confirmations[found.confirmation_id]
    assert isinstance(waits, s.Open) and waits.votes == []
    fold.do(decision(found), BOB)
    fold.tell(p.CallRevised(call_id=found.call_id or p.CallId(""), args_hash="new", preview=p.Preview(title="New")))
    waits = fold.state.confirmations[found.confirmation_id]
    assert isinstance(waits, s.Open) and waits.votes == [] and waits.args_hash == "new"


def test_the_administrators_table_says_who_decides() -> None:
    table = p.Terms(
        deciders=[
            p.Deciders(match=p.Match(danger="deletes"), needed=2, groups=["teachers"], not_asker=True),
            p.Deciders(match=p.Match(path="exam/*"), people=["tess"], escalate_after_s=60, escalate_to=["heads"]),
        ]
    )
    found = policy_for(table, asked(dangers=["deletes"]), "execute", 1_000)
    assert (found.needed, found.groups, found.not_asker) == (2, ["teachers"], True)
    found = policy_for(table, asked(path="exam/1.ipynb"), "execute", 1_000)
    assert (found.people, found.escalate_at) == (["tess"], 61_000)
    assert policy_for(table, asked(path="mine.ipynb"), "execute", 1_000) == p.Policy(right="execute")


def _always(events: list[p.Event], state: object, now: int) -> list[p.Event]:
    return events


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_fifty_people_vote_and_veto_at_once_and_it_is_decided_once() -> None:
    people = [replace(person(f"P{n}"), groups=("five",) if n < 5 else ()) for n in range(50)]
    log = MemoryEventLog()
    room = await load_room(ROOM, "one.ipynb", log, ManualClock())
    opening = p.ConfirmationOpened(
        confirmation_id=p.ConfirmationId("x"), kind="kernel", thread_id=p.MAIN_THREAD, title="?", args_hash="h",
        options=[p.Option(id="yes", label="Yes", style="primary"), p.Option(id="no", label="No")],
        policy=p.Policy(needed=2, groups=["five"]),
    )  # fmt: skip
    decided = refused = 0
    count = rounds(200, 1_000)
    for number in range(count):
        dice = random.Random(number)
        id = p.ConfirmationId(f"q{number}")
        opened: list[p.Event] = [replace(opening, confirmation_id=id)]
        await room.record(partial(_always, opened))
        order = dice.sample(people, 50)

        async def vote(each: p.Actor, id: p.ConfirmationId = id, veto: bool = False) -> bool:
            command = p.Decide(confirmation_id=id, args_hash="h", option="no" if veto else "yes")
            try:
                await room.submit(command, each, ALL, p.CommandId(f"{id}.{each.id}"))
            except Rejected as error:
                assert error.code in ("forbidden", "already_decided")
                return False
            return True

        before = len(await log.read(ROOM, 0, 10**9)) if number == 0 else 0
        took = await asyncio.gather(*(vote(each, veto=dice.random() < 0.2) for each in order))
        done = room.state.confirmations[id]
        assert isinstance(done, s.Decided) and before >= 0
        voters = [vote.by.id for vote in done.votes]
        assert len(set(voters)) == len(voters) <= 2 and all("five" in vote.by.groups for vote in done.votes)
        assert (done.option == "yes") == (len(voters) == 2)
        assert sum(took) == len(voters) + (done.option == "no")
        decided += done.option == "yes"
        refused += done.option == "no"
    assert decided > count * 0.3 and refused > count * 0.1
    await room.close()
