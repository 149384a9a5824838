"""What each command becomes, and when it is refused."""

from __future__ import annotations

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide import decide, expire, next_expiry
from jupyter_copilot.protocol.errors import Rejected

from ..builders import ALICE, ALL, BOB, KERNEL, Fold, person, post, proposed, running, streaming

READ_ONLY: frozenset[p.Right] = frozenset({"read"})
MAY_WRITE: frozenset[p.Right] = frozenset({"read", "write", "decide"})


def refused(fold: Fold, command: p.Command, by: p.Actor = ALICE, rights: frozenset[p.Right] = ALL) -> Rejected:
    before = msgspec.json.encode(fold.state)
    with pytest.raises(Rejected) as caught:
        decide(fold.state, command, by, rights, fold.now)
    assert msgspec.json.encode(fold.state) == before
    return caught.value


def question(fold: Fold, **fields: object) -> s.Open:
    command = p.OpenConfirmation(
        confirmation_id=p.ConfirmationId("q1"),
        title="Delete 10,000 rows?",
        **fields,  # type: ignore[arg-type]
    )
    fold.do(command)
    opened = fold.state.confirmations["q1"]
    assert isinstance(opened, s.Open)
    return opened


def decision(opened: s.Open, option: str, **fields: object) -> p.Decide:
    return p.Decide(
        confirmation_id=opened.confirmation_id,
        args_hash=opened.args_hash,
        option=option,
        **fields,  # type: ignore[arg-type]
    )


def test_a_message_that_wants_an_answer_queues_a_run() -> None:
    events = Fold().do(post("hi"))
    assert [type(event) for event in events] == [p.MessagePosted, p.RunQueued]


def test_a_message_without_run_is_only_posted() -> None:
    fold = Fold()
    assert [type(event) for event in fold.do(post(run=False))] == [p.MessagePosted]
    assert not fold.state.runs


def test_deciding_twice_gives_the_same_events() -> None:
    fold = Fold()
    assert decide(fold.state, post(), ALICE, ALL, 5) == decide(fold.state, post(), ALICE, ALL, 5)


def test_an_empty_message_is_refused_but_an_image_alone_is_not() -> None:
    assert refused(Fold(), post("  ")).code == "invalid_value"
    picture = p.MessageContext(images=[p.Image(mime="image/png", data="aaaa")])
    assert Fold().do(post("", context=picture))


def test_a_second_message_with_the_same_id_is_refused() -> None:
    fold = Fold()
    fold.do(post())
    assert refused(fold, post("other")).code == "already_exists"


def test_an_archived_thread_takes_no_messages_and_main_cannot_be_archived() -> None:
    fold = Fold()
    fold.do(p.CreateThread(thread_id=p.ThreadId("t"), title="Cleaning"))
    fold.do(p.ArchiveThread(thread_id=p.ThreadId("t")))
    assert refused(fold, post(thread_id="t")).code == "thread_archived"
    assert refused(fold, p.ArchiveThread(thread_id=p.MAIN_THREAD)).code == "forbidden"
    assert refused(fold, post(thread_id="nowhere")).code == "not_found"


def test_the_queue_of_a_thread_is_bounded() -> None:
    fold = Fold()
    for number in range(20):
        fold.do(post(message_id=f"m{number}"))
    assert refused(fold, post(message_id="one-more")).code == "limit_reached"


def test_a_reader_is_forbidden_every_command() -> None:
    fold = Fold()
    run_id = running(fold)
    call_id = proposed(fold, run_id)
    opened = fold.state.confirmations[f"{call_id}.q"]
    assert isinstance(opened, s.Open)
    commands: list[p.Command] = [
        p.CreateThread(thread_id=p.ThreadId("t"), title="t"),
        p.RenameThread(thread_id=p.MAIN_THREAD, title="t"),
        p.ArchiveThread(thread_id=p.MAIN_THREAD),
        p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"),
        p.GrantRule(grant=p.Grant(rule_id=p.RuleId("r"), scope=p.RuleScope(effect="edit"))),
        p.EndRule(rule_id=p.RuleId("r")),
        post(message_id="m2"),
        p.CancelRun(run_id=run_id),
        p.RetryRun(run_id=run_id),
        p.UndoCalls(call_ids=[call_id]),
        p.Rewind(message_id=p.MessageId("back"), to=p.MessageId("m1")),
        p.UndoRewind(thread_id=p.MAIN_THREAD, rewind_id="back"),
        p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="t"),
        p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option="approve"),
        p.DecideAll(decisions=[decision(opened, "approve")]),
        p.WithdrawConfirmation(confirmation_id=p.ConfirmationId(f"{call_id}.q")),
        p.ClaimCall(call_id=call_id, fence=1),
        p.RenewClaim(call_id=call_id, fence=1),
        p.ReleaseClaim(call_id=call_id, fence=1),
        p.ReportOutput(call_id=call_id, fence=1, output=p.Output(kind="stdout", text="x")),
        p.ReportCall(call_id=call_id, fence=1, result={}),
        p.AdmitGuest(guest_id=p.GuestId("g"), name="Claude Code", thread_id=p.ThreadId("t"), digest="0" * 64),
        p.RevokeGuest(guest_id=p.GuestId("g")),
        p.SeeMentions(message_ids=[p.MessageId("m2")]),
        p.ReportNotice(kind="decision", about=f"{call_id}.q", channel="page"),
        p.RequestCalls(request_id="r", calls=[p.RequestedCall(tool="read_notebook")]),
        p.WithdrawRequest(request_id="r"),
    ]
    assert {type(command) for command in commands} == set(p.Command.__args__)
    for command in commands:
        assert refused(fold, command, rights=READ_ONLY).code == "forbidden", command


def test_a_kernel_never_decides_and_gives_only_its_three_commands() -> None:
    fold = Fold()
    opened = question(fold)
    refusal = refused(fold, decision(opened, "confirm"), by=KERNEL)
    assert refusal.code == "forbidden" and "kernel cannot decide" in refusal.message
    fold.do(post(), by=KERNEL)
    fold.do(p.OpenConfirmation(confirmation_id=p.ConfirmationId("q2"), title="t"), by=KERNEL)
    fold.do(p.WithdrawConfirmation(confirmation_id=p.ConfirmationId("q2")), by=KERNEL)
    for command in (
        p.SetMode(thread_id=p.MAIN_THREAD, mode="auto_edit"),
        p.CancelRun(run_id=p.RunId("m1.r1")),
        p.UndoCalls(call_ids=[p.CallId("m1.r1.s1.a1.c1")]),
        p.CreateThread(thread_id=p.ThreadId("t"), title="t"),
    ):
        assert refused(fold, command, by=KERNEL).code == "forbidden"


def test_approving_what_executes_takes_the_right_to_execute() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold), effect="execute")
    approve = p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option="approve")
    assert refused(fold, approve, rights=MAY_WRITE).code == "forbidden"
    fold.do(approve)
    assert isinstance(fold.state.calls[call_id], s.CallConfirmed)


def test_an_edit_is_approved_with_the_right_to_write() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold), effect="edit")
    approve = p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option="approve")
    fold.do(approve, rights=MAY_WRITE)
    assert isinstance(fold.state.calls[call_id], s.CallConfirmed)


def test_without_the_right_to_decide_nothing_is_decided() -> None:
    fold = Fold()
    opened = question(fold)
    refusal = refused(fold, decision(opened, "confirm"), rights=ALL - {"decide"})
    assert refusal.code == "forbidden" and "browser" in refusal.message


def test_the_second_decision_is_told_who_won_when_and_what() -> None:
    fold = Fold()
    opened = question(fold)
    fold.do(decision(opened, "confirm", comment="go on"), by=BOB)
    refusal = refused(fold, decision(opened, "cancel"))
    assert refusal.code == "already_decided"
    assert refusal.message == "Bob decided this already: Confirm."
    assert refusal.details["by"]["name"] == "Bob"
    assert refusal.details["option"] == "confirm"
    assert refusal.details["at"] == fold.now
    assert refusal.details["comment"] == "go on"


def test_a_decision_on_something_else_than_was_shown_is_stale() -> None:
    fold = Fold()
    opened = question(fold)
    command = msgspec.structs.replace(decision(opened, "confirm"), args_hash="another")
    assert refused(fold, command).code == "stale"


def test_an_option_that_was_never_offered_is_refused() -> None:
    fold = Fold()
    assert refused(fold, decision(question(fold), "allow_always")).code == "invalid_option"


def test_an_answer_must_fit_the_form_and_skipping_needs_none() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    fold = Fold()
    opened = question(fold, kind="question", schema=schema)
    for value in (None, {}, {"n": 0}, {"n": "2"}):
        assert refused(fold, decision(opened, "answer", value=value)).code == "invalid_value"
    assert decide(fold.state, decision(opened, "skip"), ALICE, ALL, fold.now)
    fold.do(decision(opened, "answer", value={"n": 2}))
    decided = fold.state.confirmations["q1"]
    assert isinstance(decided, s.Decided) and decided.value == {"n": 2}


def test_edited_arguments_are_checked_against_the_tool_and_only_go_with_an_approval() -> None:
    fold = Fold()
    call_id = proposed(fold, running(fold))
    command = p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option="approve")
    edit = msgspec.structs.replace
    assert refused(fold, edit(command, edited_args={"cell_id": 3})).code == "invalid_args"
    huge = {"cell_id": "x" * p.MAX_ARGS_BYTES}
    assert refused(fold, edit(command, edited_args=huge)).code == "too_large"
    assert refused(fold, edit(command, edited_args={"other": "a"})).code == "invalid_args"
    assert refused(fold, edit(command, option="deny", edited_args={"cell_id": "b"})).code == "invalid_args"
    fold.do(edit(command, edited_args={"cell_id": "b", "timeout_s": None}))
    call = fold.state.calls[call_id]
    assert isinstance(call, s.CallConfirmed) and call.edited and call.args["cell_id"] == "b"


def test_who_opened_may_be_kept_from_deciding() -> None:
    fold = Fold()
    opened = question(fold, not_opener=True)
    assert refused(fold, decision(opened, "confirm"), by=person("Alice", client="another-tab")).code == "forbidden"
    fold.do(decision(opened, "confirm"), by=BOB)


def test_only_who_opened_a_confirmation_takes_it_back() -> None:
    fold = Fold()
    question(fold)
    withdraw = p.WithdrawConfirmation(confirmation_id=p.ConfirmationId("q1"))
    assert refused(fold, withdraw, by=BOB).code == "forbidden"
    fold.do(withdraw)
    assert refused(fold, withdraw).code == "withdrawn"


def test_a_confirmation_expires_by_the_servers_clock() -> None:
    fold = Fold()
    opened = question(fold, expires_in_s=10)
    assert next_expiry(fold.state) == opened.expires_at
    assert expire(fold.state, fold.now) == []
    fold.now += 10_001
    assert refused(fold, decision(opened, "confirm")).code == "expired"
    fold.tell(*expire(fold.state, fold.now), by=p.SERVER)
    assert isinstance(fold.state.confirmations["q1"], s.Expired)
    assert refused(fold, decision(opened, "confirm")).code == "expired"
    assert next_expiry(fold.state) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "http://127.0.0.1:1/x"},
        {"type": "string", "pattern": "(a+)+$"},
        {"allOf": [{"not": {"properties": {"x": {"pattern": "a"}}}}]},
    ],
)
def test_a_form_that_could_not_be_checked_safely_is_refused(schema: dict[str, object]) -> None:
    command = p.OpenConfirmation(confirmation_id=p.ConfirmationId("q"), title="t", schema=schema)
    assert refused(Fold(), command).code == "invalid_args"


def test_a_property_may_be_called_like_a_refused_keyword() -> None:
    schema = {"type": "object", "properties": {"pattern": {"type": "string"}}}
    assert question(Fold(), schema=schema)


def test_stopping_settles_everything_that_has_not_begun() -> None:
    fold = Fold()
    run_id = running(fold)
    answer = streaming(fold, run_id)
    call_id = proposed(fold, run_id)
    begun = proposed(fold, run_id, number=2)
    fold.do(p.Decide(confirmation_id=p.ConfirmationId(f"{begun}.q"), args_hash="hash", option="approve"))
    fold.tell(p.CallStarted(call_id=begun, exec_id=begun, adapter="contents"))
    fold.do(p.CancelRun(run_id=run_id), by=BOB)
    assert isinstance(fold.state.messages[answer], s.Struck)
    assert isinstance(fold.state.confirmations[f"{call_id}.q"], s.Withdrawn)
    call = fold.state.calls[call_id]
    assert isinstance(call, s.CallDone) and call.is_error and "Bob" in call.result.text
    assert isinstance(fold.state.calls[begun], s.CallRunning)
    run = fold.state.runs[run_id]
    assert isinstance(run, s.Finished) and run.outcome == "cancelled" and run.ended_by.name == "Bob"
    assert refused(fold, p.CancelRun(run_id=run_id)).code == "run_finished"


def test_a_queued_run_is_taken_back() -> None:
    fold = Fold()
    running(fold)
    fold.do(post(message_id="m2"))
    fold.do(p.CancelRun(run_id=p.RunId("m2.r1")))
    assert fold.state.threads["main"].queue == []
    assert isinstance(fold.state.runs["m1.r1"], s.Running)


def test_a_run_that_waits_for_its_model_server_is_tried_now_and_never_later() -> None:
    fold = Fold()
    run_id = running(fold)
    busy = p.Problem(code="busy", message="The model server is busy.")
    fold.tell(p.RunDelayed(run_id=run_id, problem=busy, attempt=2, of=4, retry_at=fold.now + 20_000))
    assert refused(fold, p.RetryRun(run_id=run_id), rights=READ_ONLY).code == "forbidden"
    pressed = fold.now
    [sooner] = fold.do(p.RetryRun(run_id=run_id))
    assert sooner == p.RunDelayed(run_id=run_id, problem=busy, attempt=2, of=4, retry_at=pressed)
    fold.now += 1_000
    assert fold.do(p.RetryRun(run_id=run_id)) == [sooner]


def test_a_finished_run_is_tried_again_once_at_a_time() -> None:
    fold = Fold()
    run_id = running(fold)
    assert refused(fold, p.RetryRun(run_id=run_id)).code == "run_not_finished"
    fold.do(p.CancelRun(run_id=run_id))
    fold.do(p.RetryRun(run_id=run_id))
    assert isinstance(fold.state.runs["m1.r2"], s.Queued)
    assert refused(fold, p.RetryRun(run_id=run_id)).code == "stale"


# Several at once
