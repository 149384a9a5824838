"""The summary of a long conversation, which the copilot asks its model for: a rule-based one lists what was asked."""

from __future__ import annotations

import re

from .conversation import Conversation
from .marks import marked, unmarked
from .script import Step

_ASKS = "Summarise this conversation"
_REQUEST = re.compile(r"(?:^|\n)(?:user: )?(?!assistant|tool|user)([^:\n<>\[\](]{1,60}): (\S.*)")
MAX_REQUESTS = 20


def wants_summary(conversation: Conversation) -> bool:
    """Whether the request is the copilot's own, for a summary."""
    return conversation.instructions.startswith(_ASKS)


def summarise(conversation: Conversation) -> Step:
    """Who asked for what, the latest requests last."""
    told = unmarked(marked(conversation.raw, "conversation") or "")
    asked = [f"- {name}: {text}" for name, text in _REQUEST.findall(told)][-MAX_REQUESTS:]
    return Step(text="\n".join(["These requests were made and dealt with:", *asked]))
