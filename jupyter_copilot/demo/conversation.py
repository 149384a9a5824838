"""What a Chat Completions request says: who asked for what, and what the tools have answered since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from .marks import blocks, unmarked
from .outcome import Call, Outcome

# The view of the notebook stands before the request, and some of its lines look like a speaker's.
_SPEAKER = re.compile(r"(?:^|\n\n)(?!State: |Gone: |The order is now: |\()([^:\n<>\[\]]{1,60}): ")
_IMAGES = "The images that the calls above returned:"


class DemoRequest(Struct, frozen=True, kw_only=True):
    """What a person said, and what they attached to it: ids of cells, and names of variables."""

    text: str = ""
    active_cell: str | None = None
    cells: list[str] = []
    variables: list[str] = []


class DemoConversation(Struct, frozen=True, kw_only=True):
    """One request to the model, without what a rule-based model has no use for.

    `request` is the last thing that a person said, `before` what people said earlier, the newest last. `steps` holds
    the outcomes of each finished step since the request. `tools` names the tools that may be called. `instructions` is
    the system message, `raw` the last user message as it came.
    """

    request: DemoRequest
    before: list[DemoRequest] = []
    steps: list[list[Outcome]] = []
    tools: frozenset[str] = frozenset()
    instructions: str = ""
    raw: str = ""


def read_conversation(messages: Sequence[dict[str, Any]], tools: Iterable[dict[str, Any]] = ()) -> DemoConversation:
    """The conversation in the messages of a Chat Completions request; malformed parts count as empty."""
    asked: list[str] = []
    steps: list[list[Outcome]] = []
    answers = {str(m.get("tool_call_id")): _text(m.get("content")) for m in messages if m.get("role") == "tool"}
    for message in messages:
        text = _text(message.get("content"))
        # A tool message cannot carry images, so they come in a user message that nobody wrote.
        if message.get("role") == "user" and not text.startswith(_IMAGES):
            asked.append(text)
            steps = []
        elif message.get("role") == "assistant" and message.get("tool_calls"):
            steps.append([_outcome(call, answers) for call in message["tool_calls"]])
    return DemoConversation(
        request=read_request(asked[-1]) if asked else DemoRequest(),
        before=[read_request(text) for text in asked[:-1]],
        steps=steps,
        tools=frozenset(str(tool.get("function", {}).get("name", "")) for tool in tools),
        instructions=next((_text(m.get("content")) for m in messages if m.get("role") == "system"), ""),
        raw=asked[-1] if asked else "",
    )


def read_request(text: str) -> DemoRequest:
    """A person's message apart from what was put around it: their name, and what they attached."""
    attached = list(blocks(text))
    said = unmarked(text)
    speaker = _SPEAKER.search(said)
    return DemoRequest(
        text=(said[speaker.end() :] if speaker else said).strip(),
        active_cell=next((block.text for block in attached if block.lead.startswith("The cell that the asker")), None),
        cells=[b.text for b in attached if b.kind == "cell_id" and b.lead.startswith(("An attached", "Text selected"))],
        variables=[name for b in attached if b.lead.startswith("Attached variables") for name in b.text.split("\n")],
    )


def _outcome(call: dict[str, Any], answers: dict[str, str]) -> Outcome:
    function = call.get("function") or {}
    try:
        args = json.loads(function.get("arguments") or "{}")
    except ValueError:
        args = {}
    made = Call(str(function.get("name", "")), args if isinstance(args, dict) else {})
    return Outcome(made, answers.get(str(call.get("id")), ""))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""
