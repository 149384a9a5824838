"""Say hello, and what there is to try."""

from __future__ import annotations

import re

from ..conversation import DemoConversation
from ..script import Script, Skill

_HELLO = re.compile(r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|hallo|bonjour|hola|thanks?|thank you)\b")


def wanted(text: str) -> bool:
    """Whether the request is no more than a greeting or thanks."""
    return _HELLO.match(text) is not None and len(text.split()) <= 5


def script(conversation: DemoConversation) -> Script:
    """One answer."""
    yield from ()
    if "thank" in conversation.request.text.lower():
        return "You are welcome."
    return (
        "Hello! I am the **demo model**: a few rules, no language model. I do know my way around a notebook, though. "
        "Try “explain this notebook”, “plot flipper length by species” or “fix the error”."
    )


GREET = Skill(name="say hello", example="hello", wanted=wanted, script=script, silent=True)
