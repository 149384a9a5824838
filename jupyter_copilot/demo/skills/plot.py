"""Plot a column, perhaps against another or by group, and say what the plot shows."""

from __future__ import annotations

import re

from ..cells import read_output
from ..chart import Chart, Overview, Picture, comment, source
from ..code import defined, imported
from ..conversation import DemoConversation
from ..look import Look, Scene, find_frame, look_around
from ..names import hinted, mentioned
from ..outcome import Call
from ..script import Script, ScriptStep, Skill
from ..variables import Column, Frame
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(plot|draw|graph|chart|histogram|visuali[sz]e|scatter|distribution)\b|\bshow me .* by\b")
_AGAIN = re.compile(r"^\W*(now|and|but|the same|again|instead)\b")
_ALL = re.compile(r"\b(columns|all|everything|each)\b")
_NOTHING_SAID = re.compile(
    r"^\W*(please )?(plot|draw|make|show|create)?( me)?( a| the| some)?( plot| chart| graph| something| data)*\W*$"
)
_BY = re.compile(r"\b(?:split(?: it)? by|colou?red by|grouped by|by|per|for each|for every)\b", re.IGNORECASE)
_AGAINST = re.compile(r"\b(?:against|vs\.?|versus|over)\b", re.IGNORECASE)


def wanted(text: str) -> bool:
    """Whether somebody asks for a plot, or for another version of the last one."""
    return _WANTED.search(text) is not None or (_AGAIN.match(text) is not None and _BY.search(text) is not None)


def script(conversation: DemoConversation) -> Script:
    """Find the data and the columns, then insert and run a cell."""
    scene = yield from look_around("I need the notebook, and what the kernel knows.")
    frame = yield from find_frame(conversation, scene, also=["plt"])
    if frame is None:
        return "I found no data frame to plot from. Load one with pandas first, or run the cell that does."
    picture = yield from _picture(conversation, frame)
    if picture is None:
        return f"`{frame.name}` has the columns {_list(frame.names)}. Which of them shall I plot?"
    lead = "" if _imports_plt(scene) else "import matplotlib.pyplot as plt\n\n"
    [outcome] = yield ScriptStep(
        thought=f"{_kind(picture)}, so I take {picture.title}.",
        text=f"I would add {picture.title} in a new cell:",
        calls=[Call("insert_and_run", {"after": _after(conversation, scene, frame), "source": lead + source(picture)})],
    )
    said = comment(picture, read_output(outcome.result)) or f"Done: {picture.title}."
    return mishap(outcome) or f"{thanks(outcome)}{said}"


def _picture(conversation: DemoConversation, frame: Frame) -> Look[Picture | None]:
    """What is asked for; people are asked when a word may mean several columns, or when none is said."""
    text = conversation.request.text
    what, by = _split(text)
    if not mentioned(what, frame.names) and _AGAIN.match(text.lower()) and conversation.before:
        what, before = _split(conversation.before[-1].text)
        by = by or before
    columns = mentioned(what, frame.names)
    if not columns and _ALL.search(what.lower()):
        return Overview(frame=frame)
    if not columns:
        maybe = hinted(what, frame.names) or (frame.names if _NOTHING_SAID.match(what.lower()) else [])
        chosen = maybe[0] if len(maybe) == 1 else (yield from _ask(maybe)) if maybe else None
        columns = [chosen] if chosen in frame.names else []
    groups = mentioned(by, frame.names)
    pair = _AGAINST.search(text) is not None
    return _fitting(frame, [frame.column(c) for c in columns], [frame.column(g) for g in groups], pair)


def _fitting(frame: Frame, columns: list[Column], groups: list[Column], pair: bool) -> Chart | None:
    if not columns:
        return None
    by = groups[0] if groups else None
    numbers = [column for column in columns if column.kind == "number"]
    if len(numbers) >= 2:
        # “y against x”, as people say it.
        return Chart(frame=frame, x=numbers[1], y=numbers[0], by=by)
    first, *others = columns
    if by is not None and by.kind == "number" and pair is False and by.dtype.lower().startswith("float"):
        return Chart(frame=frame, x=by, y=first)
    if by is None and others:
        first, by = (numbers[0], next(c for c in columns if c is not numbers[0])) if numbers else (first, others[0])
    return Chart(frame=frame, x=first, by=by)


def _ask(columns: list[str]) -> Look[str | None]:
    [outcome] = yield ScriptStep(
        thought="The request fits more than one column, so I had better ask.",
        text="That may mean several columns.",
        calls=[
            Call(
                "ask_user",
                {
                    "question": "Which column shall I plot?",
                    "schema": {
                        "type": "object",
                        "properties": {"column": {"type": "string", "title": "Column", "enum": columns}},
                        "required": ["column"],
                    },
                },
            )
        ],
    )
    answer = outcome.answer or {}
    return str(answer["column"]) if "column" in answer else None


def _split(text: str) -> tuple[str, str]:
    """What to plot, and what to group it by."""
    found = _BY.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def _after(conversation: DemoConversation, scene: Scene, frame: Frame) -> str | None:
    """The cell to insert after: the one that the request is about, if the data is loaded by then, else the last."""
    chosen = scene.cell(conversation.request)
    loaded = max((cell.number for cell in scene.cells if {frame.name, "plt"} & defined(cell.source)), default=0)
    return chosen.cell_id if chosen and chosen.number >= loaded else scene.last_id


def _imports_plt(scene: Scene) -> bool:
    """Whether `plt` is known, or was among what had to run first."""
    return "plt" in scene.known or any("plt" in imported(cell.source) for cell in scene.cells)


def _kind(picture: Picture) -> str:
    if isinstance(picture, Overview):
        return "One look at everything with numbers"
    return f"`{picture.x.name}` holds {'numbers' if picture.x.kind == 'number' else 'categories'}"


def _list(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


PLOT = Skill(name="plot a column", example="Plot flipper length by species", wanted=wanted, script=script)
