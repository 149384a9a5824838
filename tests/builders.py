"""Short ways to make actors, records and states for tests."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s
from jupyter_copilot.core.decide import decide
from jupyter_copilot.core.reducer import apply

ALL: frozenset[p.Right] = frozenset({"read", "write", "execute", "decide"})


def person(name: str, *, client: str | None = None) -> p.Actor:
    return p.Actor(
        kind="person",
        id=name.lower(),
        name=name,
        surface="lab",
        client_id=p.ClientId(client) if client else None,
        auth="browser",
    )


ALICE = person("Alice", client="tab-alice")
BOB = person("Bob", client="tab-bob")
KERNEL = p.Actor(kind="kernel", id="k1", name="Kernel of Alice", surface="kernel", auth="kernel")


GUEST = p.GuestId("g1")
GUESTS = p.ThreadId("guests")


def admit(guest_id: str = GUEST, **fields: object) -> p.AdmitGuest:
    """The command that lets Claude Code in."""
    return p.AdmitGuest(
        guest_id=p.GuestId(guest_id),
        name="Claude Code",
        thread_id=GUESTS,
        digest="0" * 64,
        **fields,  # type: ignore[arg-type]
    )


def guest_of(state: s.RoomState, guest_id: str = GUEST) -> p.Actor:
    """The author of a guest's records."""
    return s.guest_actor(state.guests[guest_id])


def ask(request_id: str, tool: str = "read_notebook", **args: object) -> p.RequestCalls:
    """A guest's request for one call."""
    return p.RequestCalls(request_id=request_id, calls=[p.RequestedCall(tool=tool, args=dict(args))])


class Fold:
    """A state with a clock, to which facts and commands are told in short."""

    def __init__(self) -> None:
        self.state = s.initial(p.LogId("log"))
        self.now = 1_000
        self.records: list[p.Record] = []

    def tell(self, *events: p.Event | p.UnknownEvent, by: p.Actor = p.AGENT) -> s.RoomState:
        for event in events:
            self.now += 1
            record = p.Record(seq=self.state.seq + 1, at=self.now, actor=by, event=event)
            self.records.append(record)
            apply(self.state, record)
        return self.state

    def do(self, command: p.Command, by: p.Actor = ALICE, rights: frozenset[p.Right] = ALL) -> list[p.Event]:
        events = decide(self.state, command, by, rights, self.now)
        self.tell(*events, by=by)
        return events


def ids(*names: str) -> tuple[str, ...]:
    return names


def post(text: str = "hello", message_id: str = "m1", **fields: object) -> p.PostMessage:
    return p.PostMessage(message_id=p.MessageId(message_id), text=text, **fields)  # type: ignore[arg-type]


def running(fold: Fold, message_id: str = "m1") -> p.RunId:
    """Post a message and have its run started."""
    fold.do(post(message_id=message_id))
    run_id = p.RunId(f"{message_id}.r1")
    fold.tell(p.RunStarted(run_id=run_id, fence=1))
    return run_id


def streaming(fold: Fold, run_id: p.RunId, step: int = 1, attempt: int = 1) -> p.MessageId:
    message_id = p.MessageId(f"{run_id}.s{step}.a{attempt}")
    fold.tell(p.StepStarted(run_id=run_id, step=step, message_id=message_id, attempt=attempt))
    return message_id


def proposed(fold: Fold, run_id: p.RunId, number: int = 1, effect: p.Effect = "execute") -> p.CallId:
    """A tool call that waits for its confirmation."""
    message_id = p.MessageId(f"{run_id}.s1.a1")
    call_id = p.CallId(f"{message_id}.c{number}")
    fold.tell(
        p.CallProposed(
            call_id=call_id,
            run_id=run_id,
            step=1,
            message_id=message_id,
            tool="run_cell",
            args={"cell_id": "a"},
            effect=effect,
            args_hash="hash",
            preview=p.Preview(title="Run cell 1"),
            circumstances=p.Circumstances(),
        ),
        p.ConfirmationOpened(
            confirmation_id=p.ConfirmationId(f"{call_id}.q"),
            kind="tool_call",
            thread_id=p.MAIN_THREAD,
            title="Run cell 1",
            args_hash="hash",
            options=[
                p.Option(id=p.APPROVE, label="Approve", style="primary"),
                p.Option(id=p.DENY, label="Deny"),
            ],
            call_id=call_id,
            run_id=run_id,
            schema={"type": "object", "properties": {"cell_id": {"type": "string"}}, "additionalProperties": False},
            policy=p.Policy(right="execute" if effect == "execute" else "write"),
        ),
    )
    return call_id
