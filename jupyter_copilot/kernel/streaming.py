"""What was answered to a message so far, and how it is shown in a cell's output."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import assert_never

from .. import protocol as p
from ..core import state as s

_NOTES = {
    "queued": "The copilot will answer.",
    "answering": "The copilot is answering…",
    "waiting": "The copilot waits for a decision, in the Copilot sidebar or in a Panel().",
    "running": "The copilot runs a cell. If this cell waits for the answer, interrupt it, so that the other can run.",
    "cancelled": "The answer was stopped.",
}


@dataclass(frozen=True)
class Told:
    """One moment of an answer."""

    text: str = ""
    status: str = "queued"
    problem: p.Problem | None = None
    is_over: bool = False

    def bundle(self) -> dict[str, str]:
        """The answer as Markdown, which front ends sanitise, and as plain text."""
        note = f"{self.problem.message} {self.problem.hint}".strip() if self.problem else _NOTES.get(self.status, "")
        plain = "\n\n".join(filter(None, [self.text, note and f"({note})"]))
        marked = "\n\n".join(filter(None, [self.text, note and f"*{note}*"]))
        return {"text/plain": plain, "text/markdown": marked or " "}


def told(state: s.RoomState, message_id: p.MessageId) -> Told:
    """What the room's state says about the answer to a message."""
    message = state.messages.get(message_id)
    if not isinstance(message, s.Posted) or not message.run_ids:
        return Told()
    run = state.runs.get(message.run_ids[-1])
    if run is None:
        return Told()
    answers = (m for m in state.messages.values() if isinstance(m, s.Streaming | s.Complete) and m.run_id == run.run_id)
    text = "\n\n".join(answer.text for answer in answers if answer.text)
    match run:
        case s.Queued():
            return Told(text)
        case s.Running():
            return Told(text, _status(state, run))
        case s.Finished():
            return Told(text, run.outcome, run.error, is_over=True)
    assert_never(run)


def _status(state: s.RoomState, run: s.Running) -> str:
    if s.run_is_parked(state, run.run_id):
        return "waiting"
    begun = (call for call in s.run_calls(state, run.run_id) if isinstance(call, s.CallRunning))
    return "running" if any(call.effect == "execute" for call in begun) else "answering"
