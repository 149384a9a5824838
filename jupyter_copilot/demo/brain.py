"""The demo model as one pure function: a conversation goes in, its next answer comes out."""

from __future__ import annotations

from .conversation import DemoConversation
from .script import ScriptStep, next_step
from .skills import HELP, SKILLS
from .summary import summarise, wants_summary


def answer(conversation: DemoConversation) -> ScriptStep:
    """The next answer: by the first skill that the request asks for, else an honest word on what there is."""
    if wants_summary(conversation):
        return summarise(conversation)
    text = conversation.request.text.lower()
    skill = next((skill for skill in (HELP, *SKILLS) if skill.wanted(text)), HELP)
    return next_step(skill.script(conversation), conversation)
