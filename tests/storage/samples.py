"""Events to fill a log with."""

from __future__ import annotations

import random
from collections.abc import Sequence

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.reducer import apply
from jupyter_copilot.ports.event_log import EventLog

from ..builders import ALICE, Fold, proposed, running, streaming

ROOM, OTHER = p.RoomId("room-1"), p.RoomId("room-2")


def said(text: str, message_id: str = "m1") -> p.MessagePosted:
    return p.MessagePosted(message_id=p.MessageId(message_id), thread_id=p.MAIN_THREAD, text=text)


def command(name: str) -> p.CommandId:
    return p.CommandId(name)


async def told(log: EventLog, *events: p.Event, room: p.RoomId = ROOM, actor: p.Actor = ALICE) -> list[p.Record]:
    """Append the events after the head, one commit each."""
    head = (await log.head(room)).seq
    records: list[p.Record] = []
    for event in events:
        at = 1000 + head + len(records)
        records += await log.append(room, head + len(records), [event], actor=actor, at=at)
    return records


async def kept(log: EventLog, records: Sequence[p.Record], room: p.RoomId = ROOM) -> None:
    """Append what a fold was told, record by record."""
    for r in records:
        assert not isinstance(r.event, p.UnknownEvent)
        await log.append(room, r.seq - 1, [r.event], actor=r.actor, at=r.at, command_id=r.command_id)


def folded(records: Sequence[p.Record], floor: int = 0) -> s.RoomState:
    state = s.initial(p.LogId("log"))
    for record in records:
        apply(state, record, floor)
    return state


def answered(fold: Fold, deltas: int = 5, message_id: str = "m1") -> p.RunId:
    """A run with reasoning, text and a call with output, all settled."""
    run_id = running(fold, message_id)
    answer = streaming(fold, run_id)
    fold.tell(*(thought(run_id, answer, f"hm{n} ") for n in range(deltas)))
    fold.tell(*(word(run_id, answer, f"word{n} ") for n in range(deltas)))
    call_id = proposed(fold, run_id)
    fold.tell(p.StepFinished(run_id=run_id, step=1, message_id=answer))
    fold.do(p.Decide(confirmation_id=p.ConfirmationId(f"{call_id}.q"), args_hash="hash", option=p.APPROVE))
    fold.tell(p.CallStarted(call_id=call_id, exec_id=call_id, adapter="live"))
    fold.tell(*(printed(call_id, f"line {n}\n") for n in range(deltas)))
    fold.tell(p.CallFinished(call_id=call_id, result=p.CallResult(text="done")))
    fold.tell(p.RunFinished(run_id=run_id, outcome="success"))
    return run_id


def word(run_id: p.RunId, answer: p.MessageId, text: str, attempt: int = 1) -> p.TextDelta:
    return p.TextDelta(run_id=run_id, step=1, message_id=answer, text=text, attempt=attempt)


def thought(run_id: p.RunId, answer: p.MessageId, text: str) -> p.ReasoningDelta:
    return p.ReasoningDelta(run_id=run_id, step=1, message_id=answer, text=text)


def printed(
    call_id: p.CallId, text: str, kind: str = "stdout", cell_id: str | None = None, image: p.Image | None = None
) -> p.CallOutput:
    output = p.Output(kind=kind, text=text, cell_id=cell_id, image=image)  # type: ignore[arg-type]
    return p.CallOutput(call_id=call_id, output=output)


def busy_room(seed: int) -> Fold:
    """Several runs that stream at once, break off, print, clear and finish, in an order drawn from the seed."""
    draw = random.Random(seed)
    fold = Fold()
    for number in range(4):
        fold.do(p.CreateThread(thread_id=p.ThreadId(f"t{number}"), title="Thread"))
    streams = [_run(draw, number) for number in range(4)]
    while streams:
        # Mostly the same one goes on, so that there is something to merge; now and then another cuts in.
        chosen = draw.choice(streams)
        for _ in range(draw.randint(1, 12)):
            if not chosen:
                streams.remove(chosen)
                break
            fold.tell(chosen.pop(0))
    return fold


def _run(draw: random.Random, number: int) -> list[p.Event]:
    message_id = p.MessageId(f"m{number}")
    run_id = p.RunId(f"m{number}.r1")
    thread_id = p.ThreadId(f"t{number}")
    events: list[p.Event] = [
        p.MessagePosted(message_id=message_id, thread_id=thread_id, text="go"),
        p.RunQueued(run_id=run_id, thread_id=thread_id, message_id=message_id),
        p.RunStarted(run_id=run_id, fence=1),
    ]
    for attempt in range(1, draw.randint(2, 4)):
        answer = p.MessageId(f"{run_id}.s1.a{attempt}")
        events.append(p.StepStarted(run_id=run_id, step=1, message_id=answer, attempt=attempt))
        for _ in range(draw.randint(0, 30)):
            deltas: list[type[p.TextDelta | p.ReasoningDelta]] = [p.TextDelta, p.ReasoningDelta, p.TextDelta]
            delta = draw.choice(deltas)
            text = draw.choice(["a", "über ", "🎈", ""])
            events.append(delta(run_id=run_id, step=1, message_id=answer, attempt=attempt, text=text))
        ending = draw.choice(["finished", "aborted", "left open"])
        if ending == "finished":
            events.append(p.StepFinished(run_id=run_id, step=1, message_id=answer, attempt=attempt))
        elif ending == "aborted":
            events.append(p.StepAborted(run_id=run_id, step=1, message_id=answer, attempt=attempt, reason="cut off"))
    return events + _call(draw, run_id)


def _call(draw: random.Random, run_id: p.RunId) -> list[p.Event]:
    call_id = p.CallId(f"{run_id}.s1.a1.c1")
    events: list[p.Event] = [
        p.CallProposed(
            call_id=call_id,
            run_id=run_id,
            step=1,
            message_id=p.MessageId(f"{run_id}.s1.a1"),
            tool="run_cell",
            args={},
            effect="read",
            args_hash="hash",
            preview=p.Preview(title="Run"),
        ),
        p.CallStarted(call_id=call_id, exec_id=call_id, adapter="live"),
    ]
    for _ in range(draw.randint(0, 60)):
        kind = draw.choices(["stdout", "stderr", "result", "clear"], [12, 4, 1, 1])[0]
        text = draw.choice(["x", "line\n", "y" * 30_000])
        events.append(printed(call_id, text, kind, cell_id=draw.choice(["a", "a", "a", None])))
    if draw.random() < 0.8:
        events.append(p.CallFinished(call_id=call_id, result=p.CallResult(text="done")))
    return events


async def committed(log: EventLog, room_id: p.RoomId, command_id: p.CommandId) -> int | None:
    """The last seq of a command, if it was committed."""
    return (await log.look(room_id, [command_id])).committed.get(command_id)
