"""The fold: every (state, event) pair, bounds, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import FOLDS, apply
from jupyter_copilot.core.reducer.fold import ABSENT, PRESENT
from jupyter_copilot.protocol.errors import Gap

from ..builders import ALICE, Fold, post, proposed, running, streaming
from ..traces.make import FOLDER
from ..traces.recorder import copied
from ..traces.scenarios import SCENARIOS

RUN = p.RunId("m1.r1")
CALL = p.CallId("m1.r1.s1.a1.c1")
ASKED = p.ConfirmationId(f"{CALL}.q")

ENTRIES = {
    "threads": "thread",
    "messages": "message",
    "runs": "run",
    "calls": "call",
    "confirmations": "confirmation",
    "rules": "rule",
}
ENDLESS = {"later", *(scenario.__name__ for scenario in SCENARIOS)} - {"pruning"}
"""The traces in which nothing is forgotten."""

Move = tuple[str, str, str, str]


def statuses(state: s.RoomState) -> dict[tuple[str, ...], str]:
    """Where each entry of a state stands."""
    return {
        (name, id): PRESENT if name in ("threads", "rules") else str(type(value).__struct_config__.tag)
        for name in ENTRIES
        for id, value in getattr(state, name).items()
    }


def moves_of(name: str) -> Iterator[Move]:
    """What each record of a trace did: the event, the entry that it changed, its status before and after."""
    head, *lines = map(json.loads, (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    state = marked = s.initial(p.LogId(head["log"]))
    for line in lines:
        if "mark" in line:
            marked = copied(state)
        elif "rewind" in line:
            state = copied(marked)
        else:
            before = statuses(state)
            apply(state, p.decode_record(json.dumps(line["record"])), head["floor"])
            after = statuses(state)
            event = line["record"]["event"]["type"]
            for place in line["changed"]:
                key = tuple(place.split("/", 1))
                if key[0] in ENTRIES:
                    yield event, ENTRIES[key[0]], before.get(key, ABSENT), after.get(key, ABSENT)


def seen() -> set[Move]:
    """What happened in the golden traces, which try every event upon every status."""
    return {move for name in ENDLESS for move in moves_of(name)}


def declared() -> set[Move]:
    """What the table says may happen."""
    return {
        (str(fold.event.__struct_config__.tag), t.entry, before, after)
        for fold in FOLDS.values()
        for t in fold.transitions
        for before in t.before
        for after in t.after
    }


def test_every_event_has_its_row_in_the_table() -> None:
    assert set(FOLDS) == set(get_args(p.Event))


def test_every_event_upon_every_status_does_what_the_table_says_and_nothing_else() -> None:
    # An item joins its thread, and a run the queue of its thread, whatever the event is about.
    happened = {move for move in seen() if move[1:] != ("thread", PRESENT, PRESENT)}
    said = {move for move in declared() if move[1:] != ("thread", PRESENT, PRESENT)}
    assert happened == said


def call_started(fold: Fold) -> p.CallId:
    """A call whose effect has begun."""
    call = proposed(fold, running(fold))
    fold.tell(p.CallStarted(call_id=call, exec_id=call, adapter="contents"))
    return call


def test_an_unknown_event_advances_and_changes_nothing() -> None:
    fold = Fold()
    call = call_started(fold)
    fold.tell(p.CallOffered(call_id=call, fence=1, operation={}, until=99))
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
    fold.tell(p.CallFinished(call_id=call_started(fold), result=p.CallResult(text="done")))
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
    proposed(fold, running(fold))
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
