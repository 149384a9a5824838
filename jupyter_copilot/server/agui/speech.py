"""What of an answer is open on the wire: a step, and in it a message of text or of reasoning, one at a time."""

from __future__ import annotations

from ... import protocol as p
from . import events as e
from .messages import reasoning_id


class Speech:
    """Opens messages as they are needed and closes them before anything else is told, as AG-UI wants it.

    A message that was closed may go on: it is opened again under its id.
    """

    def __init__(self) -> None:
        self._text: str | None = None
        self._reasoning: str | None = None
        self._step: str | None = None

    def step(self, event: p.StepStarted) -> list[e.Event]:
        """A model call begins."""
        self._step = f"step {event.step}" if event.attempt == 1 else f"step {event.step}, try {event.attempt}"
        return [*self.end_message(), e.StepStarted(step_name=self._step)]

    def text(self, event: p.TextDelta, name: str) -> list[e.Event]:
        """Text goes on, under the name of who answers."""
        begun: list[e.Event] = []
        if self._text != event.message_id:
            start = e.TextMessageStart(message_id=event.message_id, role="assistant", name=name)
            begun = [*self.end_message(), start]
            self._text = event.message_id
        return [*begun, e.TextMessageContent(message_id=event.message_id, delta=event.text)]

    def reasoning(self, event: p.ReasoningDelta) -> list[e.Event]:
        """Reasoning goes on."""
        begun: list[e.Event] = []
        message_id = reasoning_id(event.message_id)
        if self._reasoning != message_id:
            begun = [
                *self.end_message(),
                e.ReasoningStart(message_id=message_id),
                e.ReasoningMessageStart(message_id=message_id, role="reasoning"),
            ]
            self._reasoning = message_id
        return [*begun, e.ReasoningMessageContent(message_id=message_id, delta=event.text)]

    def end_message(self) -> list[e.Event]:
        """Close what is open within the step."""
        ended: list[e.Event] = []
        if self._text is not None:
            ended.append(e.TextMessageEnd(message_id=self._text))
        if self._reasoning is not None:
            ended.append(e.ReasoningMessageEnd(message_id=self._reasoning))
            ended.append(e.ReasoningEnd(message_id=self._reasoning))
        self._text = self._reasoning = None
        return ended

    def end_step(self) -> list[e.Event]:
        """Close whatever is open."""
        ended = self.end_message()
        if self._step is not None:
            ended.append(e.StepFinished(step_name=self._step))
        self._step = None
        return ended
