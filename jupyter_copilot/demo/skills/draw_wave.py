"""Draw a function, for a notebook that has no data yet."""

from __future__ import annotations

import re

from ..conversation import DemoConversation
from ..look import look_around
from ..outcome import Call
from ..script import Script, ScriptStep, Skill
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(?P<name>sine|sin|cosine|cos|exponential|exp|square root|sqrt)\b")
_FUNCTIONS = {
    "sin": ("sin", "0, 4 * np.pi"),
    "cos": ("cos", "0, 4 * np.pi"),
    "exp": ("exp", "-2, 2"),
    "squ": ("sqrt", "0, 10"),
    "sqr": ("sqrt", "0, 10"),
}


def wanted(text: str) -> bool:
    """Whether a function is named that is drawn here."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Insert a cell that draws it, and run it."""
    found = _WANTED.search(conversation.request.text.lower())
    name, interval = _FUNCTIONS[found["name"][:3] if found else "sin"]
    scene = yield from look_around("Where does the drawing go?")
    source = (
        "import matplotlib.pyplot as plt\nimport numpy as np\n\n"
        f"x = np.linspace({interval}, 400)\nfig, ax = plt.subplots(figsize=(6, 3))\nax.plot(x, np.{name}(x))\n"
        f'ax.set_xlabel("x")\nax.set_ylabel("{name} x");'
    )
    [outcome] = yield ScriptStep(
        thought="400 points are enough for a smooth line.",
        text=f"I would draw `{name}` in a new cell:",
        calls=[Call("insert_and_run", {"after": scene.last_id, "source": source})],
    )
    return mishap(outcome) or f"{thanks(outcome)}There it is."


DRAW_WAVE = Skill(name="draw a function", example="Draw a sine wave", wanted=wanted, script=script)
