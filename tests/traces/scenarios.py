"""The stories that the golden traces tell."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.core import state as s

from .recorder import ANNA, BERT, KERNEL, Recorder
from .world import PATHS, World, probes, travelled

OPTIONS = [p.Option(id="approve", label="Approve", style="primary"), p.Option(id="deny", label="Deny")]


def conversation() -> Recorder:
    """Two people, a stream, an edit that is approved with other arguments, a denial, and the end of the run."""
    r = Recorder()
    w = World(r, "m1", p.MAIN_THREAD, ANNA)
    context = p.MessageContext(
        active_cell_id="c1",
        cells=[p.CellRef(cell_id="c1", source="1/0")],
        selection=p.Selection(cell_id="c1", text="/0"),
        files=["data.csv"],
        variables=["df"],
        images=[p.Image(mime="image/png", data="AAAA", name="plot")],
    )
    w.post("Why does this fail? 😀", context)
    w.queue(model="gpt")
    w.start()
    w.step()
    r.add(p.ReasoningDelta(run_id=w.run, step=1, message_id=w.answer, text="Division "))
    r.add(p.ReasoningDelta(run_id=w.run, step=1, message_id=w.answer, text="by zero."))
    for word in ("You ", "divide ", "by zero 🙈."):
        r.add(p.TextDelta(run_id=w.run, step=1, message_id=w.answer, text=word))
    w.finish_step(usage=p.Usage(prompt=100, cached=40, completion=12, reasoning=5, prefix=30))
    diff = p.CellDiff(action="edit", cell_id="c1", label="cell 3", before="1/0", after="1/1")
    w.propose(args={"cell_id": "c1", "source": "1/1"}, preview=p.Preview(title="Edit cell 3", cells=[diff]))
    w.confirm()
    w.decide("approve", BERT, edited_args={"cell_id": "c1", "source": "1/2"}, comment="halves")
    w.begin(args={"cell_id": "c1", "source": "1/2"})
    w.output("stdout", "0.")
    w.output("stdout", "5\n")
    w.end_call("Done.")
    w.propose(args={"cell_id": "c2"}, number=1)
    w.confirm()
    w.decide("deny", ANNA, comment="not now")
    w.end_call("Denied: not now", is_error=True)
    w.step(2)
    r.add(p.TextDelta(run_id=w.run, step=2, message_id=w.answer, text="All done."))
    w.finish_step(usage=p.Usage(prompt=150, completion=3), finish_reason="stop", extra={"signature": "x"})
    r.add(p.UnknownEvent({"type": "confetti_thrown", "amount": 3}))
    w.end()
    return r


def interruptions() -> Recorder:
    """Delays, broken streams, a restart in the middle, a queue, cancelling, and calls in doubt."""
    r = Recorder()
    first, second, third = (World(r, f"m{n}", p.MAIN_THREAD, ANNA) for n in (1, 2, 3))
    for world in (first, second, third):
        world.post()
        world.queue()
    first.start()
    problem = p.Problem(code="model", message="Too busy.", hint="Wait.")
    r.add(p.RunDelayed(run_id=first.run, problem=problem, attempt=1, of=5, retry_at=9_000))
    first.step()
    r.add(p.TextDelta(run_id=first.run, step=1, message_id=first.answer, text="Half an ans"))
    r.add(p.StepAborted(run_id=first.run, step=1, message_id=first.answer, reason="The stream broke off."))
    r.add(p.TextDelta(run_id=first.run, step=1, message_id=first.answer, text="late"))
    first.step(1, attempt=2)
    first.start(fence=2)
    r.add(p.StepAborted(run_id=first.run, step=1, message_id=first.answer, reason="restart", attempt=2))
    first.step(1, attempt=3)
    first.finish_step(attempt=3)
    for number in (0, 1):
        first.propose(number=number)
        first.begin()
        first.output("stderr", "…")
        r.add(p.CallInDoubt(call_id=first.call, message="The server was restarted."))
    first.end_call("It did happen.")
    r.add(p.RunFinished(run_id=second.run, outcome="cancelled"), BERT)
    first.propose(number=2)
    first.confirm()
    r.add(p.ConfirmationWithdrawn(confirmation_id=first.confirmation, reason="Stopped by Bert."), BERT)
    first.end_call("Not done. Stopped by Bert.", is_error=True)
    r.add(p.RunFinished(run_id=first.run, outcome="cancelled", usage=p.Usage(prompt=1)), BERT)
    third.start()
    r.add(p.RunFinished(run_id=third.run, outcome="failed", error=problem))
    r.add(p.RunQueued(run_id=p.RunId("m3.r2"), thread_id=p.MAIN_THREAD, message_id=third.message, model="other"), BERT)
    return r


def threads() -> Recorder:
    """Threads come, are renamed, told shorter, given another mode and put away."""
    r = Recorder()
    ideas = p.ThreadId("ideas")
    r.add(p.ThreadCreated(thread_id=ideas, title="Ideas"), ANNA)
    r.add(p.ThreadCreated(thread_id=ideas, title="Again"), BERT)
    r.add(p.ThreadModeChanged(thread_id=ideas, mode="auto_edit"), BERT)
    r.add(p.MessagePosted(message_id=p.MessageId("a"), thread_id=ideas, text="one"), ANNA)
    r.add(p.ThreadSummarised(thread_id=ideas, through="a", text="They said one."))
    r.add(p.ThreadRenamed(thread_id=ideas, title="Good ideas"), ANNA)
    r.add(p.ThreadRenamed(thread_id=ideas, title="Good ideas"), ANNA)
    r.add(p.ThreadArchived(thread_id=ideas), ANNA)
    # Ids come from people: these are names that objects of JavaScript have already.
    for name in ("constructor", "__proto__", "toString"):
        r.add(p.ThreadCreated(thread_id=p.ThreadId(name), title=name), ANNA)
        r.add(p.MessagePosted(message_id=p.MessageId(name), thread_id=p.ThreadId(name), text=name), ANNA)
    return r


def questions() -> Recorder:
    """Confirmations of kernels and questions: decided, expired, withdrawn, and each only once."""
    r = Recorder()
    schema = {"type": "object", "properties": {"rows": {"type": "integer"}}}
    for n, kind in enumerate(("kernel", "question", "kernel", "question"), 1):
        opened = p.ConfirmationOpened(
            confirmation_id=p.ConfirmationId(f"q{n}"),
            kind=kind,  # type: ignore[arg-type]
            thread_id=p.MAIN_THREAD,
            title=f"Question {n}",
            args_hash=f"hash{n}",
            options=OPTIONS,
            body="Really?",
            schema=schema if kind == "question" else None,
            policy=p.Policy(right="write", not_opener=n == 1),
            expires_at=9_000 if n == 3 else None,
        )
        r.add(opened, KERNEL)
        r.add(opened, BERT)
    one, two, three, four = (p.ConfirmationId(f"q{n}") for n in (1, 2, 3, 4))
    r.add(p.DecisionRefused(confirmation_id=one), KERNEL)
    r.add(p.ConfirmationDecided(confirmation_id=one, args_hash="hash1", option="approve"), ANNA)
    r.add(p.ConfirmationDecided(confirmation_id=one, args_hash="hash1", option="deny"), BERT)
    r.add(p.ConfirmationDecided(confirmation_id=two, args_hash="hash2", option="approve", value={"rows": 3}), BERT)
    r.add(p.ConfirmationExpired(confirmation_id=three), p.SERVER)
    r.add(p.ConfirmationWithdrawn(confirmation_id=four), KERNEL)
    r.add(p.DecisionRefused(confirmation_id=four), KERNEL)
    return r


def front_end() -> Recorder:
    """A call that tabs execute: offered, claimed, renewed, lapsed, offered anew, reported; stale fences are no-ops."""
    r = Recorder()
    w = World(r, "m1", p.MAIN_THREAD, ANNA)
    w.running_call(adapter="front_end")
    run = {"type": "run", "cell_id": "c1", "exec_id": w.call}
    r.add(p.CallOffered(call_id=w.call, fence=1, operation=run, until=5_000, prefer=ANNA.client_id))
    tab = p.ClientId("tab-a")
    r.add(p.CallClaimed(call_id=w.call, fence=1, client_id=tab, until=6_000), ANNA)
    r.add(p.CallClaimed(call_id=w.call, fence=1, client_id=tab, until=7_000, started=True), ANNA)
    r.add(p.CallLapsed(call_id=w.call, fence=7), p.SERVER)
    r.add(p.CallLapsed(call_id=w.call, fence=1), p.SERVER)
    r.add(p.CallReported(call_id=w.call, fence=1, result={"status": "ok"}), ANNA)
    r.add(p.CallOffered(call_id=w.call, fence=2, operation=run, until=8_000))
    r.add(p.CallClaimed(call_id=w.call, fence=1, client_id=tab, until=9_000), ANNA)
    r.add(p.CallClaimed(call_id=w.call, fence=2, client_id=p.ClientId("tab-b"), until=9_000), BERT)
    w.output("stdout", "out")
    r.add(p.CallReported(call_id=w.call, fence=2, result={"status": "error", "message": "no"}), BERT)
    r.add(p.CallOffered(call_id=w.call, fence=3, operation={"type": "interrupt"}, until=9_500))
    w.end_call("Ran.")
    r.add(p.CallReported(call_id=w.call, fence=3, result={"status": "ok"}), BERT)
    return r


def outputs() -> Recorder:
    """Output is joined by stream and cell, cleared by cell, and kept to the latest pieces."""
    r = Recorder()
    w = World(r, "m1", p.MAIN_THREAD, ANNA)
    w.running_call()
    for kind, text, cell in (
        ("stdout", "a", "c1"),
        ("stdout", "b", "c1"),
        ("stdout", "c", "c2"),
        ("stderr", "d", "c2"),
        ("stderr", "e", "c2"),
        ("result", "f", "c2"),
        ("result", "g", "c2"),
        ("clear", "", "c2"),
        ("stdout", "h", "c1"),
        ("error", "Traceback", "c1"),
        ("clear", "", None),
    ):
        w.output(kind, text, cell)
    image = p.Image(mime="image/png", data="AAAA")
    r.add(p.CallOutput(call_id=w.call, output=p.Output(kind="image", image=image, cell_id="c3")))
    for n in range(s.RETAINED_OUTPUTS + 3):
        w.output("result", str(n))
    w.end_call("Done.")
    return r


def pruning() -> Recorder:
    """A thread keeps its latest items; what is not settled yet stays, with everything after it."""
    r = Recorder()
    settled = World(r, "m1", p.MAIN_THREAD, ANNA)
    settled.running_call()
    settled.end_call("Done.")
    settled.end()
    asked = World(r, "m2", p.MAIN_THREAD, ANNA)
    asked.post()
    asked.queue()
    asked.start()
    asked.step()
    asked.finish_step()
    asked.propose()
    asked.confirm()
    _post_many(r, s.RETAINED_ITEMS, "early")
    asked.decide("deny", ANNA)
    asked.end_call("No.")
    _post_many(r, 3, "middle")
    r.add(p.RunFinished(run_id=asked.run, outcome="failed"))
    r.add(p.ThreadSummarised(thread_id=p.MAIN_THREAD, through="early1", text="Much was said."))
    _post_many(r, s.RETAINED_ITEMS - s.PRUNE_TO + 2, "late")
    return r


def _post_many(r: Recorder, count: int, prefix: str) -> None:
    for n in range(count):
        message = p.MessageId(f"{prefix}{n}")
        r.add(p.MessagePosted(message_id=message, thread_id=p.MAIN_THREAD, text=str(n)), BERT)


def merged() -> Recorder:
    """Up to the floor deltas are merged and seqs skip."""
    r = Recorder(floor=30)
    w = World(r, "m1", p.MAIN_THREAD, ANNA)
    w.post()
    w.queue()
    w.start()
    w.step()
    r.add(p.TextDelta(run_id=w.run, step=1, message_id=w.answer, text="Many deltas in one. "), skip=9)
    r.add(p.ReasoningDelta(run_id=w.run, step=1, message_id=w.answer, text="And thoughts."), skip=4)
    r.add(p.TextDelta(run_id=w.run, step=1, message_id=w.answer, text="The last of them."), skip=30 - r.state.seq - 1)
    r.add(p.TextDelta(run_id=w.run, step=1, message_id=w.answer, text=" Live again."))
    w.finish_step()
    w.end()
    return r


def every_pair() -> Recorder:
    """Each event upon each status that an entry can have."""
    r = Recorder()
    for path in PATHS:
        world = travelled(r, path)
        r.mark()
        for event, actor in probes(world):
            r.add(event, actor)
            r.rewind()
    return r


SCENARIOS = (
    conversation,
    interruptions,
    threads,
    questions,
    front_end,
    outputs,
    pruning,
    merged,
    every_pair,
)
