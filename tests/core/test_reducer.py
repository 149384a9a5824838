"""The fold: every (state, event) pair, bounds, and what it refuses."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply
from jupyter_copilot.protocol.errors import Gap

from ..builders import ALICE, BOB, Fold, post, proposed, running, streaming

RUN = p.RunId("m1.r1")
ANSWER = p.MessageId("m1.r1.s1.a1")
CALL = p.CallId("m1.r1.s1.a1.c1")
ASKED = p.ConfirmationId(f"{CALL}.q")
RESULT = p.CallResult(text="done")


def events() -> dict[str, p.Event]:
    """One event of each kind, all about the same run, answer, call and confirmation."""
    made: list[p.Event] = [
        p.ThreadCreated(thread_id=p.ThreadId("t2"), title="Two"),
        p.ThreadRenamed(thread_id=p.MAIN_THREAD, title="Renamed"),
        p.ThreadArchived(thread_id=p.MAIN_THREAD),
        p.ThreadModeChanged(thread_id=p.MAIN_THREAD, mode="auto_edit"),
        p.ThreadSummarised(thread_id=p.MAIN_THREAD, through="m1", text="so far"),
        p.MessagePosted(message_id=p.MessageId("m1"), thread_id=p.MAIN_THREAD, text="again"),
        p.RunQueued(run_id=RUN, thread_id=p.MAIN_THREAD, message_id=p.MessageId("m1")),
        p.RunStarted(run_id=RUN, fence=7),
        p.RunDelayed(run_id=RUN, problem=p.Problem(code="busy", message="busy"), attempt=1, of=4, retry_at=9),
        p.RunFinished(run_id=RUN, outcome="failed"),
        p.StepStarted(run_id=RUN, step=1, message_id=ANSWER),
        p.TextDelta(run_id=RUN, step=1, message_id=ANSWER, text="a"),
        p.ReasoningDelta(run_id=RUN, step=1, message_id=ANSWER, text="a"),
        p.StepFinished(run_id=RUN, step=1, message_id=ANSWER),
        p.StepAborted(run_id=RUN, step=1, message_id=ANSWER, reason="lost"),
        p.CallProposed(
            call_id=CALL,
            run_id=RUN,
            step=1,
            message_id=ANSWER,
            tool="run_cell",
            args={},
            effect="execute",
            args_hash="hash",
            preview=p.Preview(title="Run"),
        ),
        p.CallStarted(call_id=CALL, exec_id=CALL, adapter="contents"),
        p.CallOutput(call_id=CALL, output=p.Output(kind="stdout", text="x")),
        p.CallFinished(call_id=CALL, result=RESULT),
        p.CallInDoubt(call_id=CALL, message="killed"),
        p.CallOffered(call_id=CALL, fence=2, operation={}, until=99),
        p.CallClaimed(call_id=CALL, fence=1, client_id=p.ClientId("tab"), until=99),
        p.CallLapsed(call_id=CALL, fence=1),
        p.CallReported(call_id=CALL, fence=1, result={"status": "ok"}),
        p.ConfirmationOpened(
            confirmation_id=ASKED, kind="kernel", thread_id=p.MAIN_THREAD, title="t", args_hash="h", options=[]
        ),
        p.ConfirmationDecided(confirmation_id=ASKED, args_hash="hash", option="approve"),
        p.ConfirmationExpired(confirmation_id=ASKED),
        p.ConfirmationWithdrawn(confirmation_id=ASKED),
        p.DecisionRefused(confirmation_id=ASKED),
    ]
    return {str(type(event).__struct_config__.tag): event for event in made}


EVENTS = events()


def test_the_table_of_events_is_complete() -> None:
    assert {type(event) for event in EVENTS.values()} == set(get_args(p.Event))


# Each situation: how to get there, and where the run, answer, call and confirmation stand then.


def nothing(fold: Fold) -> None:
    """An empty room."""


def queued(fold: Fold) -> None:
    fold.do(post())


def run_running(fold: Fold) -> None:
    running(fold)


def finished(fold: Fold) -> None:
    fold.tell(p.RunFinished(run_id=running(fold), outcome="success"))


def answer_streaming(fold: Fold) -> None:
    streaming(fold, running(fold))


def answer_complete(fold: Fold) -> None:
    answer_streaming(fold)
    fold.tell(EVENTS["step_finished"])


def answer_struck(fold: Fold) -> None:
    answer_streaming(fold)
    fold.tell(EVENTS["step_aborted"])


def call_proposed(fold: Fold) -> None:
    proposed(fold, running(fold))


def call_confirmed(fold: Fold) -> None:
    call_proposed(fold)
    fold.tell(EVENTS["confirmation_decided"], by=BOB)


def call_denied(fold: Fold) -> None:
    call_proposed(fold)
    fold.tell(p.ConfirmationDecided(confirmation_id=ASKED, args_hash="hash", option="deny"), by=BOB)


def call_expired(fold: Fold) -> None:
    call_proposed(fold)
    fold.tell(EVENTS["confirmation_expired"])


def call_withdrawn(fold: Fold) -> None:
    call_proposed(fold)
    fold.tell(EVENTS["confirmation_withdrawn"])


def call_started(fold: Fold) -> None:
    call_confirmed(fold)
    fold.tell(EVENTS["call_started"])


def call_offered(fold: Fold) -> None:
    call_started(fold)
    fold.tell(p.CallOffered(call_id=CALL, fence=1, operation={}, until=50))


def call_finished(fold: Fold) -> None:
    call_started(fold)
    fold.tell(EVENTS["call_finished"])


def call_in_doubt(fold: Fold) -> None:
    call_started(fold)
    fold.tell(EVENTS["call_in_doubt"])


SITUATIONS: list[Callable[[Fold], None]] = [
    nothing, queued, run_running, finished, answer_streaming, answer_complete, answer_struck, call_proposed,
    call_confirmed, call_denied, call_expired, call_withdrawn, call_started, call_offered, call_finished, call_in_doubt,
]  # fmt: skip

RUN_TABLE = {
    ("absent", "run_queued"): "queued",
    ("queued", "run_started"): "running",
    ("queued", "run_finished"): "finished",
    ("running", "run_finished"): "finished",
}
ANSWER_TABLE = {
    ("absent", "step_started"): "streaming",
    ("streaming", "step_finished"): "complete",
    ("streaming", "step_aborted"): "struck",
}
CALL_TABLE = {
    ("absent", "call_proposed"): "proposed",
    ("proposed", "confirmation_decided"): "confirmed",
    ("proposed", "confirmation_expired"): "denied",
    ("proposed", "confirmation_withdrawn"): "denied",
    ("proposed", "call_started"): "started",
    ("confirmed", "call_started"): "started",
    ("started", "call_in_doubt"): "in_doubt",
    **{(status, "call_finished"): "finished" for status in ("proposed", "confirmed", "denied", "started", "in_doubt")},
}
CONFIRMATION_TABLE = {
    ("absent", "confirmation_opened"): "open",
    ("open", "confirmation_decided"): "decided",
    ("open", "confirmation_expired"): "expired",
    ("open", "confirmation_withdrawn"): "withdrawn",
}
NEEDS_RUNNING = {"step_started", "call_proposed"}


def status(entry: object) -> str:
    return "absent" if entry is None else str(type(entry).__struct_config__.tag)  # type: ignore[attr-defined]


def standing(state: s.RoomState) -> tuple[str, str, str, str]:
    return (
        status(state.runs.get(RUN)),
        status(state.messages.get(ANSWER)),
        status(state.calls.get(CALL)),
        status(state.confirmations.get(ASKED)),
    )


@pytest.mark.parametrize(
    ("situation", "name"),
    list(itertools.product(SITUATIONS, EVENTS)),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_event_in_every_situation_goes_where_the_table_says(
    situation: Callable[[Fold], None], name: str
) -> None:  # fmt: skip
    fold = Fold()
    situation(fold)
    run, answer, call, asked = standing(fold.state)
    has_message = "m1" in fold.state.messages
    fold.tell(EVENTS[name], by=BOB)

    possible = not (name in NEEDS_RUNNING and run != "running") and not (name == "run_queued" and not has_message)
    expected = tuple(
        table.get((before, name), before) if possible else before
        for before, table in (
            (run, RUN_TABLE),
            (answer, ANSWER_TABLE),
            (call, CALL_TABLE),
            (asked, CONFIRMATION_TABLE),
        )
    )
    assert standing(fold.state) == expected
    assert fold.state.seq == len(fold.records)


def test_an_unknown_event_advances_and_changes_nothing() -> None:
    fold = Fold()
    call_offered(fold)
    before = msgspec.structs.replace(fold.state, seq=fold.state.seq + 1)
    assert fold.tell(p.UnknownEvent({"type": "moon_phase_changed"})) == before


def test_a_record_out_of_its_place_is_refused() -> None:
    fold = Fold()
    fold.do(post())
    again, ahead = fold.records[-1], msgspec.structs.replace(fold.records[-1], seq=fold.state.seq + 2)
    for record in (again, ahead):
        with pytest.raises(Gap):
            apply(fold.state, record)


def test_up_to_the_floor_seqs_may_skip_forward_but_never_back() -> None:
    fold = Fold()
    fold.do(post())
    record = msgspec.structs.replace(fold.records[-1], seq=9)
    assert apply(fold.state, record, floor=9).seq == 9
    with pytest.raises(Gap):
        apply(fold.state, record, floor=9)


def test_folding_the_same_records_gives_the_same_state_bytes() -> None:
    fold = Fold()
    call_finished(fold)
    again = s.initial(p.LogId("log"))
    for record in fold.records:
        apply(again, p.decode_record(p.encode(record)))
    assert p.encode(again) == p.encode(fold.state)
    assert p.encode(s.decode_state(p.encode(again))) == p.encode(again)


def test_text_and_usage_add_up() -> None:
    fold = Fold()
    run_id = running(fold)
    answer = streaming(fold, run_id)
    for text in ("The ", "column ", "is called"):
        fold.tell(p.TextDelta(run_id=run_id, step=1, message_id=answer, text=text))
    usage = p.Usage(prompt=10, cached=4, completion=3, reasoning=1, prefix=5)
    fold.tell(p.StepFinished(run_id=run_id, step=1, message_id=answer, usage=usage))
    second = streaming(fold, run_id, step=2)
    fold.tell(p.StepFinished(run_id=run_id, step=2, message_id=second, usage=usage))
    whole = fold.state.messages[answer]
    assert isinstance(whole, s.Complete) and whole.text == "The column is called"
    run = fold.state.runs[run_id]
    assert isinstance(run, s.Running) and run.usage.prompt == 20 and fold.state.usage.prefix == 10


def test_a_restart_keeps_the_run_and_counts_it() -> None:
    fold = Fold()
    run_id = running(fold)
    fold.tell(p.RunStarted(run_id=run_id, fence=2))
    run = fold.state.runs[run_id]
    assert isinstance(run, s.Running) and (run.fence, run.starts) == (2, 2)


def test_output_joins_in_one_stream_and_clear_empties_its_cell() -> None:
    fold = Fold()
    call_started(fold)
    for kind, text, cell in (
        ("stdout", "a", "c1"),
        ("stdout", "b", "c1"),
        ("stderr", "c", "c1"),
        ("stdout", "d", "c2"),
    ):
        fold.tell(p.CallOutput(call_id=CALL, output=p.Output(kind=kind, text=text, cell_id=cell)))  # type: ignore[arg-type]
    call = fold.state.calls[CALL]
    assert isinstance(call, s.CallRunning)
    assert [(o.kind, o.text, o.cell_id) for o in call.outputs] == [
        ("stdout", "ab", "c1"),
        ("stderr", "c", "c1"),
        ("stdout", "d", "c2"),
    ]
    fold.tell(p.CallOutput(call_id=CALL, output=p.Output(kind="clear", cell_id="c1")))
    call = fold.state.calls[CALL]
    assert isinstance(call, s.CallRunning) and [o.text for o in call.outputs] == ["d"]


def test_only_the_latest_output_is_kept() -> None:
    fold = Fold()
    call_started(fold)
    fold.tell(p.CallOutput(call_id=CALL, output=p.Output(kind="stdout", text="x" * 70_000 + "end")))
    fold.tell(p.CallOutput(call_id=CALL, output=p.Output(kind="stdout", text="!")))
    for _ in range(s.RETAINED_OUTPUTS + 5):
        fold.tell(p.CallOutput(call_id=CALL, output=p.Output(kind="result", text="r")))
    call = fold.state.calls[CALL]
    assert isinstance(call, s.CallRunning) and len(call.outputs) == s.RETAINED_OUTPUTS


def test_a_thread_keeps_its_latest_items_and_everything_unsettled() -> None:
    fold = Fold()
    call_proposed(fold)
    for number in range(s.RETAINED_ITEMS + 50):
        fold.do(post(message_id=f"n{number}", run=False))
    thread = fold.state.threads["main"]
    assert thread.dropped == 0, "an open confirmation at the front holds everything after it"
    fold.do(p.CancelRun(run_id=RUN))
    fold.do(post(message_id="last", run=False))
    assert len(thread.items) == s.PRUNE_TO + 1 and thread.dropped > 0
    assert "m1" not in fold.state.messages and RUN not in fold.state.runs
    assert CALL not in fold.state.calls and ASKED not in fold.state.confirmations
    assert len(fold.state.messages) == s.PRUNE_TO  # and one item for the run that was stopped


def test_one_record_costs_the_same_after_a_long_history() -> None:
    """Counted in the interpreter's own function calls, not in time."""
    import sys

    def calls_of_one_delta(messages: int) -> int:
        fold = Fold()
        for number in range(messages):
            fold.do(post(message_id=f"n{number}", run=False), by=ALICE)
        run_id = running(fold, "asked")
        answer = streaming(fold, run_id)
        record = p.Record(
            seq=fold.state.seq + 1,
            at=1,
            actor=p.AGENT,
            event=p.TextDelta(run_id=run_id, step=1, message_id=answer, text="x"),
        )
        count = 0

        def profile(frame: object, event: str, arg: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            apply(fold.state, record)
        finally:
            sys.setprofile(None)
        return count

    assert calls_of_one_delta(1) == calls_of_one_delta(2000)
