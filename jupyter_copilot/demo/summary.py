"""The summary of a long conversation, which the copilot asks its model for: a rule-based one lists what was asked."""

from __future__ import annotations

import re

from .conversation import DemoConversation
from .marks import marked, unmarked
from .script import ScriptStep

_ASKS = "Summarise this conversation"
_REQUEST = re.compile(r"(?:^|\n)(?:user: )?(?!assistant|tool|user)([^:\n<>\[\](]{1,60}): (\S.*)")
MAX_REQUESTS = 20


def wants_summary(conversation: DemoConversation) -> bool:
    """Whether the request is the copilot's own, for a summary."""
    return conversation.instructions.startswith(_ASKS)


def summarise(conversation: DemoConversation) -> ScriptStep:
    """Who asked for what, the latest requests last."""
    told = unmarked(marked(conversation.raw, "conversation") or "")
    asked = [f"- {name}: {text}" for name, text in _REQUEST.findall(told)][-MAX_REQUESTS:]
    return ScriptStep(text="\n".join(["These requests were made and dealt with:", *asked]))
