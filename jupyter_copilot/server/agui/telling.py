"""A run told as AG-UI events: what it did so far as one snapshot, then each record as it is committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from ... import protocol as p
from ...core import state as s
from . import events as e
from .decisions import interrupt, settled
from .messages import Where, agent_name, arguments, content_of, messages_of, result_id
from .speech import Speech

OUTPUT, PLAN = "copilot.output", "copilot.plan"


class Subject(Struct, frozen=True, kw_only=True):
    """What is told: a run of a chat, or the chat alone, under the ids by which the client calls them."""

    thread_id: p.ThreadId
    run_id: p.RunId | None
    client_run_id: str


class Telling:
    """Tells one run to one client. Pure: it is given records with the state after them, and keeps what is open.

    `begin` comes first, `take` for all records since, and `settle` whenever nothing else is under way: it ends the
    stream when the run is over, or when everything that is left waits for people.
    """

    def __init__(self, subject: Subject, where: Where) -> None:
        self.is_over = False
        self._subject = subject
        self._where = where
        self._speech = Speech()
        self._outputs_of: set[str] = set()
        self._usage = p.Usage()
        self._waited = False

    def begin(self, state: s.RoomState) -> list[e.Event]:
        """The chat as it is now."""
        subject = self._subject
        is_queued = isinstance(state.runs.get(subject.run_id or ""), s.Queued)
        self._waited = is_queued and s.active_run(state, subject.thread_id) is not None
        started = e.RunStarted(
            thread_id=subject.thread_id, run_id=subject.client_run_id, protocol_version=e.PROTOCOL
        )  # fmt: skip
        return [started, self._snapshot(state)]

    def take(self, records: Sequence[p.Record], state: s.RoomState) -> list[e.Event]:
        """What these records, which were just folded into `state`, tell."""
        if self.is_over:
            return []
        told: list[e.Event] = []
        outputs: dict[str, list[p.Output]] = {}
        differs = False
        for record in records:
            if isinstance(record.event, p.UnknownEvent):
                continue
            if isinstance(record.event, p.CallOutput):
                outputs.setdefault(record.event.call_id, []).append(record.event.output)
            told += self._one(record, record.event, state)
            differs = differs or self._differs(record.event)
        for call_id, pieces in outputs.items():
            told += self._output(state.calls.get(call_id), pieces)
        return [*told, *self._speech.end_message(), self._snapshot(state)] if differs else told

    def settle(self, state: s.RoomState) -> list[e.Event]:
        """The end of the stream, if nothing more happens by itself."""
        if self.is_over:
            return []
        run = state.runs.get(self._subject.run_id or "")
        match run:
            case s.Finished(outcome="failed", error=problem) if problem is not None:
                text = f"{problem.message} {problem.hint}".strip()
                return self._end(e.RunError(message=text, code=problem.code))
            case s.Finished(outcome="cancelled"):
                return self._end(self._finished(e.Cancelled()))
            case s.Finished() | None:
                return self._end(self._finished(e.Success()))
            case s.Running() | s.Queued():
                asked = waited_for(state, run)
                interrupts = [interrupt(opened) for opened in asked]
                return self._end(self._finished(e.Interrupted(interrupts=interrupts))) if interrupts else []

    def fail(self, message: str, code: str) -> list[e.Event]:
        """End the stream, as nothing more can be told."""
        return [] if self.is_over else self._end(e.RunError(message=message, code=code))

    # One event

    def _one(self, record: p.Record, event: p.Event, state: s.RoomState) -> list[e.Event]:
        """What an event tells by itself; what concerns other chats and runs tells nothing."""
        match event:
            case p.MessagePosted(thread_id=self._subject.thread_id):
                return [*self._speech.end_message(), *_said(event, record.actor.name)]
            case p.ConfirmationDecided() | p.ConfirmationExpired() | p.ConfirmationWithdrawn():
                asked = state.confirmations.get(event.confirmation_id)
                return [settled(asked)] if asked is not None and asked.thread_id == self._subject.thread_id else []
            case p.CallFinished() | p.CallInDoubt():
                return self._call_ended(event, state)
            case _:
                is_own = getattr(event, "run_id", None) == self._subject.run_id
                return self._of_run(event, state) if is_own else []

    def _of_run(self, event: p.Event, state: s.RoomState) -> list[e.Event]:
        match event:
            case p.RunDelayed():
                return [e.Custom(name="copilot.delayed", value=msgspec.to_builtins(event.problem))]
            case p.PlanUpdated():
                entries = msgspec.to_builtins(event.entries)
                plan_id = f"{event.run_id}.plan"
                return [e.ActivitySnapshot(message_id=plan_id, activity_type=PLAN, content={"entries": entries})]
            case p.StepStarted():
                return self._speech.step(event)
            case p.StepFinished():
                self._usage = _sum(self._usage, event.usage)
                notes = [e.Custom(name="copilot.note", value=msgspec.to_builtins(note)) for note in event.notes]
                return [*self._speech.end_step(), *notes]
            case p.StepAborted():
                return self._speech.end_step()
            case p.TextDelta():
                return self._speech.text(event, agent_name(state, event.run_id))
            case p.ReasoningDelta():
                return self._speech.reasoning(event)
            case p.CallProposed():
                return [*self._speech.end_message(), *_proposed(event)]
            case _:
                return []

    def _differs(self, event: p.Event) -> bool:
        """Whether what was told before is no longer so, as an event changes what stands there already."""
        match event:
            case p.StepAborted() | p.StepFinished():
                struck = isinstance(event, p.StepAborted) or event.thought > 0
                return struck and event.run_id == self._subject.run_id
            case p.CallStarted():
                return event.args is not None
            case p.ConfirmationDecided():
                return event.edited_args is not None
            case p.RunStarted(run_id=self._subject.run_id):
                return self._waited
            case p.ThreadRewound() | p.RewindUndone():
                return event.thread_id == self._subject.thread_id
            case _:
                return False

    def _call_ended(self, event: p.CallFinished | p.CallInDoubt, state: s.RoomState) -> list[e.Event]:
        call = state.calls.get(event.call_id)
        if call is None or call.thread_id != self._subject.thread_id:
            return []
        if isinstance(event, p.CallInDoubt):
            value = {"toolCallId": event.call_id, "message": event.message}
            return [e.Custom(name="copilot.in_doubt", value=value)]
        if not isinstance(call, s.CallDone):
            return []
        failed = {"isError": True, "denied": call.denied} if event.is_error or call.denied else {}
        content = content_of(call.result.text, call.result.images, self._where)
        result = e.ToolCallResult(
            message_id=result_id(call.call_id), tool_call_id=call.call_id, content=content, role="tool", metadata=failed
        )  # fmt: skip
        return [*self._speech.end_message(), result]

    def _output(self, call: s.Call | None, pieces: list[p.Output]) -> list[e.Event]:
        """Output of a call under way: all of it the first time and after it was cleared, else what is new."""
        if not isinstance(call, s.CallRunning) or call.thread_id != self._subject.thread_id:
            return []
        message_id = f"{call.call_id}.output"
        if call.call_id in self._outputs_of and not any(piece.kind == "clear" for piece in pieces):
            patch = [{"op": "add", "path": "/outputs/-", "value": msgspec.to_builtins(piece)} for piece in pieces]
            return [e.ActivityDelta(message_id=message_id, activity_type=OUTPUT, patch=patch)]
        self._outputs_of.add(call.call_id)
        content = {"toolCallId": call.call_id, "outputs": msgspec.to_builtins(call.outputs)}
        return [e.ActivitySnapshot(message_id=message_id, activity_type=OUTPUT, content=content)]

    def _end(self, last: e.Event) -> list[e.Event]:
        self.is_over = True
        return [*self._speech.end_step(), last]

    def _finished(self, outcome: e.Success | e.Cancelled | e.Interrupted) -> e.RunFinished:
        used = self._usage
        counted = e.TokenUsage(
            input_tokens=used.prompt,
            output_tokens=used.completion,
            cached_input_tokens=used.cached,
            reasoning_tokens=used.reasoning,
        )
        return e.RunFinished(
            thread_id=self._subject.thread_id,
            run_id=self._subject.client_run_id,
            outcome=outcome,
            usage=[counted] if used.prompt or used.completion else [],
        )

    def _snapshot(self, state: s.RoomState) -> e.MessagesSnapshot:
        return e.MessagesSnapshot(messages=messages_of(state, self._subject.thread_id, self._where))


def waited_for(state: s.RoomState, run: s.Running | s.Queued) -> list[s.Open]:
    """What people are asked for this run, or for the one before it in its chat, if it does nothing else meanwhile."""
    ahead = s.active_run(state, run.thread_id) if isinstance(run, s.Queued) else run
    if ahead is None or ahead.delay is not None:
        return []
    asked = [opened for opened in s.open_confirmations(state) if opened.run_id == ahead.run_id]
    about = {opened.call_id for opened in asked}
    busy = any(call.call_id not in about for call in s.run_calls(state, ahead.run_id) if _goes_on(call))
    answer = state.messages.get(f"{ahead.run_id}.s{ahead.step}.a{ahead.attempt}")
    return [] if busy or isinstance(answer, s.Streaming) else asked


def _goes_on(call: s.Call) -> bool:
    return isinstance(call, s.CallProposal | s.CallConfirmed | s.CallDenied | s.CallRunning)


def _said(event: p.MessagePosted, name: str) -> Iterator[e.Event]:
    yield e.TextMessageStart(message_id=event.message_id, role="user", name=name)
    yield e.TextMessageContent(message_id=event.message_id, delta=event.text)
    yield e.TextMessageEnd(message_id=event.message_id)


def _proposed(event: p.CallProposed) -> Iterator[e.Event]:
    yield e.ToolCallStart(
        tool_call_id=event.call_id, tool_call_name=event.tool, parent_message_id=event.message_id
    )  # fmt: skip
    yield e.ToolCallArgs(tool_call_id=event.call_id, delta=arguments(event))
    yield e.ToolCallEnd(tool_call_id=event.call_id)


def _sum(a: p.Usage, b: p.Usage) -> p.Usage:
    return p.Usage(
        prompt=a.prompt + b.prompt,
        cached=a.cached + b.cached,
        completion=a.completion + b.completion,
        reasoning=a.reasoning + b.reasoning,
    )
