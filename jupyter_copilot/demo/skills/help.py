"""Say honestly what the demo model cannot do, and what it can."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..conversation import DemoConversation
from ..script import Script, Skill

_ASKED = re.compile(r"\b(help|what (can you|you can)|who are you|what are you)\b")


def wanted(text: str) -> bool:
    """Whether somebody asks what there is to ask."""
    return _ASKED.search(text) is not None


def help_script(skills: Sequence[Skill]) -> Callable[[DemoConversation], Script]:
    """The script that lists these skills."""
    listed = "\n".join(f"- {skill.name}: “{skill.example}”" for skill in skills if not skill.silent)

    def script(conversation: DemoConversation) -> Script:
        yield from ()
        lead = "I am" if wanted(conversation.request.text.lower()) else "I do not understand this. I am"
        return (
            f"{lead} the **demo model**: a few rules, no language model, so that you can see how the copilot works "
            f"without a key. I can\n\n{listed}\n\n"
            "For everything else connect a real model: set `OPENAI_API_KEY`, or `OPENAI_BASE_URL` for a server of "
            "your own, and start again."
        )

    return script
