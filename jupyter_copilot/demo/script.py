"""Scripts: what a skill does, step by step, and finding the place in it where a conversation stands.

A script is a generator. It yields a `ScriptStep` with tool calls and gets their outcomes back; what it returns is its
last word. The server keeps nothing between requests: `next_step` runs the script again from its beginning and answers
the steps that are over from the conversation. So a script must depend on nothing but the request and the outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from msgspec import Struct

from .conversation import DemoConversation
from .outcome import Call, Outcome


class ScriptStep(Struct, frozen=True, kw_only=True):
    """One answer of the model: what it thinks, what it says, and the tools that it calls."""

    thought: str = ""
    text: str = ""
    calls: list[Call] = []


Script = Generator[ScriptStep, list[Outcome], str]


class Skill(Struct, frozen=True, kw_only=True):
    """Something that the demo model can do.

    `example` is a request that it understands, shown to people who ask for what it cannot do, unless it is `silent`.
    """

    name: str
    example: str
    wanted: Callable[[str], bool]
    script: Callable[[DemoConversation], Script]
    silent: bool = False


_PART_OF = {
    **dict.fromkeys(("insert_cell", "edit_cell", "edit_notebook", "insert_and_run", "edit_and_run"), "change_notebook"),
    "run_cell": "run_cells",
    "inspect_variables": "kernel_state",
}
"""Tools that take the arguments of a form, and that work where another one is offered which does what they do."""

LOST = "I have lost the beginning of this task, and a demo model cannot work out the rest. Please ask for it once more."


def next_step(script: Script, conversation: DemoConversation) -> ScriptStep:
    """The script's answer at the point where the conversation stands."""
    try:
        step = next(script)
        for outcomes in conversation.steps:
            if [o.call.name for o in outcomes] != [call.name for call in step.calls]:
                return ScriptStep(text=LOST)
            step = script.send(outcomes)
    except StopIteration as end:
        return ScriptStep(text=str(end.value))
    missing = [call.name for call in step.calls if not {call.name, _PART_OF.get(call.name, "")} & conversation.tools]
    if missing:
        return ScriptStep(text=f"For this I need the tool `{missing[0]}`, which is not offered here.")
    return step
