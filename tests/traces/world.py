"""One request and what becomes of it, so that a story can be told step by step."""

from __future__ import annotations

from typing import Any

from jupyter_copilot import protocol as p

from .recorder import ANNA, KERNEL, Recorder

Probe = tuple[p.Event | p.UnknownEvent, p.Actor]

OPTIONS = [p.Option(id="approve", label="Approve", style="primary"), p.Option(id="deny", label="Deny")]
PREVIEW = p.Preview(title="Edit")


class World:
    """A message with its run, the run's latest answer, call and confirmation."""

    def __init__(self, recorder: Recorder, name: str, thread: p.ThreadId, asker: p.Actor) -> None:
        self.recorder = recorder
        self.asker = asker
        self.thread = thread
        self.message = p.MessageId(name)
        self.run = p.RunId(f"{name}.r1")
        self._step(1, 1)

    def _step(self, step: int, attempt: int) -> None:
        self.number = step
        self.answer = p.MessageId(f"{self.run}.s{step}.a{attempt}")
        self._call(0)

    def _call(self, number: int) -> None:
        self.call = p.CallId(f"{self.answer}.c{number}")
        self.confirmation = p.ConfirmationId(f"{self.call}.q")

    def post(self, text: str = "Hi", context: p.MessageContext = p.MessageContext()) -> None:  # noqa: B008
        event = p.MessagePosted(message_id=self.message, thread_id=self.thread, text=text, context=context)
        self.recorder.add(event, self.asker)

    def queue(self, model: str | None = None) -> None:
        event = p.RunQueued(run_id=self.run, thread_id=self.thread, message_id=self.message, model=model)
        self.recorder.add(event, self.asker)

    def start(self, fence: int = 1) -> None:
        self.recorder.add(p.RunStarted(run_id=self.run, fence=fence))

    def step(self, step: int = 1, attempt: int = 1) -> None:
        self._step(step, attempt)
        self.recorder.add(p.StepStarted(run_id=self.run, step=step, message_id=self.answer, attempt=attempt))

    def finish_step(self, **fields: Any) -> None:
        self.recorder.add(p.StepFinished(run_id=self.run, step=self.number, message_id=self.answer, **fields))

    def propose(self, args: p.JsonObject | None = None, number: int = 0, preview: p.Preview | None = None) -> None:
        self._call(number)
        self.recorder.add(self.proposal(args, preview or PREVIEW))

    def proposal(self, args: p.JsonObject | None = None, preview: p.Preview = PREVIEW) -> p.CallProposed:
        return p.CallProposed(
            call_id=self.call,
            run_id=self.run,
            step=self.number,
            message_id=self.answer,
            tool="edit_cell",
            args=args or {},
            effect="edit",
            args_hash="hash",
            preview=preview,
        )

    def confirm(self) -> None:
        self.recorder.add(self.opening())

    def opening(self) -> p.ConfirmationOpened:
        return p.ConfirmationOpened(
            confirmation_id=self.confirmation,
            kind="tool_call",
            thread_id=self.thread,
            title="Edit",
            args_hash="hash",
            options=OPTIONS,
            call_id=self.call,
            run_id=self.run,
        )

    def decide(self, option: str, actor: p.Actor = ANNA, **fields: Any) -> None:
        event = p.ConfirmationDecided(confirmation_id=self.confirmation, args_hash="hash", option=option, **fields)
        self.recorder.add(event, actor)

    def begin(self, adapter: str = "contents", args: p.JsonObject | None = None) -> None:
        self.recorder.add(p.CallStarted(call_id=self.call, exec_id=self.call, adapter=adapter, args=args))

    def output(self, kind: Any, text: str, cell_id: str | None = None) -> None:
        output = p.Output(kind=kind, text=text, cell_id=cell_id)
        self.recorder.add(p.CallOutput(call_id=self.call, output=output))

    def end_call(self, text: str, is_error: bool = False) -> None:
        result = p.CallResult(text=text, cells=["c1"])
        self.recorder.add(p.CallFinished(call_id=self.call, result=result, is_error=is_error))

    def end(self) -> None:
        self.recorder.add(p.RunFinished(run_id=self.run, outcome="success"))

    def running_call(self, adapter: str = "contents") -> None:
        """Everything from the message to a call whose effect has begun."""
        self.post()
        self.queue()
        self.start()
        self.step()
        self.finish_step()
        self.propose()
        self.begin(adapter)


# Each status that an entry can have, by what leads to it

_STREAMING = ["post", "queue", "start", "step"]
_PROPOSED = [*_STREAMING, "finish_step", "propose"]
_STARTED = [*_PROPOSED, "begin"]
PATHS = [
    [],
    ["post"],
    ["post", "queue"],
    ["post", "queue", "start"],
    _STREAMING,
    [*_STREAMING, "finish_step"],
    [*_STREAMING, "abort"],
    _PROPOSED,
    [*_PROPOSED, "confirm"],
    [*_PROPOSED, "confirm", "approve"],
    [*_PROPOSED, "confirm", "deny"],
    [*_PROPOSED, "confirm", "expire"],
    [*_PROPOSED, "confirm", "withdraw"],
    _STARTED,
    [*_STARTED, "offer"],
    [*_STARTED, "offer", "claim"],
    [*_STARTED, "doubt"],
    [*_STARTED, "finish_call"],
    [*_STARTED, "finish_call", "end"],
]


def travelled(recorder: Recorder, path: list[str]) -> World:
    """A world after these steps, in a thread of its own; without steps, one of which nothing exists."""
    name = f"w{PATHS.index(path)}"
    thread = p.ThreadId(f"t{PATHS.index(path)}")
    if path:
        recorder.add(p.ThreadCreated(thread_id=thread, title=name), p.SERVER)
    world = World(recorder, name, thread, p.SERVER)
    for step in path:
        _advance(world, step)
    return world


def _advance(world: World, step: str) -> None:
    add = world.recorder.add
    match step:
        case "abort":
            add(p.StepAborted(run_id=world.run, step=1, message_id=world.answer, reason="broken"))
        case "approve" | "deny":
            world.decide(step)
        case "expire":
            add(p.ConfirmationExpired(confirmation_id=world.confirmation), p.SERVER)
        case "withdraw":
            add(p.ConfirmationWithdrawn(confirmation_id=world.confirmation), ANNA)
        case "offer":
            add(p.CallOffered(call_id=world.call, fence=1, operation={"type": "interrupt"}, until=5))
        case "claim":
            add(p.CallClaimed(call_id=world.call, fence=1, client_id=p.ClientId("tab-a"), until=6), ANNA)
        case "doubt":
            add(p.CallInDoubt(call_id=world.call, message="unknown"))
        case "finish_call":
            world.end_call("Done.")
        case _:
            getattr(world, step)()


def probes(w: World) -> list[Probe]:
    """Each event once, aimed at this world's entries; some twice, where their fields matter to the fold."""
    thread, message, run, answer, call, asked = w.thread, w.message, w.run, w.answer, w.call, w.confirmation
    problem = p.Problem(code="x", message="y")
    decided = p.ConfirmationDecided(confirmation_id=asked, args_hash="hash", option="approve", edited_args={"a": 1})
    return [
        (p.ThreadCreated(thread_id=thread, title="again"), p.SERVER),
        (p.ThreadRenamed(thread_id=thread, title="renamed"), p.SERVER),
        (p.ThreadArchived(thread_id=thread), p.SERVER),
        (p.ThreadModeChanged(thread_id=thread, mode="auto_edit"), p.SERVER),
        (p.ThreadSummarised(thread_id=thread, through=message, text="short"), p.AGENT),
        (p.MessagePosted(message_id=message, thread_id=thread, text="again"), p.SERVER),
        (p.RunQueued(run_id=run, thread_id=thread, message_id=message), p.SERVER),
        (p.RunQueued(run_id=p.RunId(f"{message}.r2"), thread_id=thread, message_id=answer), p.SERVER),
        (p.RunStarted(run_id=run, fence=5, model="other"), p.AGENT),
        (p.RunDelayed(run_id=run, problem=problem, attempt=1, of=2, retry_at=7), p.AGENT),
        (p.RunFinished(run_id=run, outcome="success"), p.AGENT),
        (p.RunFinished(run_id=run, outcome="failed", error=problem), p.AGENT),
        (p.StepStarted(run_id=run, step=1, message_id=answer), p.AGENT),
        (p.TextDelta(run_id=run, step=1, message_id=answer, text="more"), p.AGENT),
        (p.ReasoningDelta(run_id=run, step=1, message_id=answer, text="more"), p.AGENT),
        (p.TextDelta(run_id=run, step=1, message_id=message, text="more"), p.AGENT),
        (p.StepFinished(run_id=run, step=1, message_id=answer, usage=p.Usage(prompt=1)), p.AGENT),
        (p.StepAborted(run_id=run, step=1, message_id=answer, reason="broken"), p.AGENT),
        (w.proposal({"again": True}), p.AGENT),
        (p.CallStarted(call_id=call, exec_id="e", adapter="contents", args={"b": 2}), p.AGENT),
        (p.CallOutput(call_id=call, output=p.Output(kind="stdout", text="out")), p.AGENT),
        (p.CallFinished(call_id=call, result=p.CallResult(text="r"), is_error=True), p.AGENT),
        (p.CallInDoubt(call_id=call, message="?"), p.AGENT),
        (p.CallOffered(call_id=call, fence=2, operation={}, until=8), p.AGENT),
        (p.CallClaimed(call_id=call, fence=1, client_id=p.ClientId("tab-b"), until=9, started=True), p.SERVER),
        (p.CallLapsed(call_id=call, fence=1), p.SERVER),
        (p.CallReported(call_id=call, fence=1, result={"status": "ok"}), p.SERVER),
        (w.opening(), p.AGENT),
        (decided, p.SERVER),
        (p.ConfirmationDecided(confirmation_id=asked, args_hash="hash", option="deny", comment="no"), p.SERVER),
        (p.ConfirmationExpired(confirmation_id=asked), p.SERVER),
        (p.ConfirmationWithdrawn(confirmation_id=asked, reason="moot"), p.SERVER),
        (p.DecisionRefused(confirmation_id=asked), KERNEL),
        (p.UnknownEvent({"type": "from_the_future", "run_id": run}), p.AGENT),
    ]
