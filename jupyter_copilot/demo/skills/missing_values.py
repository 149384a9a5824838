"""Treat missing values: look, ask people how with a form, and do what they answered in a new cell."""

from __future__ import annotations

import re
from typing import Any

from ..chart import quoted
from ..conversation import DemoConversation
from ..look import Look, find_frame, look_around
from ..outcome import Call, Outcome
from ..script import Script, ScriptStep, Skill
from ..variables import Column, Frame
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(missing|nan|nans|null|nulls|empty values|incomplete|clean|impute|fill)\b")

_QUESTION = re.compile(r"^\W*(which|how many|are there|is there|where|what|does|do|show|list|count)\b")

KEEP, DROP, MEAN, MEDIAN, UNKNOWN = (
    "Leave them",
    "Drop these rows",
    "Fill with the mean",
    "Fill with the median",
    "Keep, mark as unknown",
)
_BY_GROUP = "Fill with the median per {}"


def wanted(text: str) -> bool:
    """Whether somebody speaks of missing values."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Find the gaps, ask, act."""
    scene = yield from look_around("Where are the gaps? I look at the data first.")
    frame = yield from find_frame(conversation, scene)
    if frame is None:
        return "I found no data frame. Load one with pandas, or run the cell that does, and ask me again."
    gaps = [column for column in frame.columns if column.missing != 0]
    if not gaps:
        return f"No value is missing in `{frame.name}`. There is nothing to clean."
    if _QUESTION.match(conversation.request.text.lower()):
        return _told(frame, gaps)
    form = _form(frame, gaps)
    asked = yield from _ask(frame, gaps, form)
    answer = asked.answer
    if answer is None:
        return "Nobody chose, so I leave the data as it is." + (f" (“{asked.comment}”)" if asked.comment else "")
    source = cleaning(frame, gaps, {name: str(value) for name, value in answer.items()})
    if source is None:
        return "Then there is nothing to do: the values stay missing."
    [outcome] = yield ScriptStep(
        thought="That is clear. I write it as a new cell, and leave the original data alone.",
        text=f"Then I would make `{_clean_name(frame)}`, and leave `{frame.name}` as it is:",
        calls=[Call("insert_and_run", {"after": scene.last_id, "source": source})],
    )
    done = f"`{_clean_name(frame)}` is ready; the counts under the new cell show what is still missing."
    return mishap(outcome) or f"{thanks(outcome)}{done}"


def _told(frame: Frame, gaps: list[Column]) -> str:
    table = [f"| `{column.name}` | {column.missing} | {column.missing / frame.rows:.1%} |" for column in gaps]
    lead = f"Of the {frame.rows:,} rows of `{frame.name}`, these have no value in"
    listed = "\n".join(["| column | rows | share |", "|---|---|---|", *table])
    return f"{lead}\n\n{listed}\n\nSay “clean the missing values” to treat them."


def _ask(frame: Frame, gaps: list[Column], form: dict[str, Any]) -> Look[Outcome]:
    names = ", ".join(f"`{column.name}`" for column in gaps)
    [outcome] = yield ScriptStep(
        thought="There is more than one good way to treat these, and it is for people to choose.",
        text=f"Values are missing in {names}. How shall I treat them?",
        calls=[Call("ask_user", {"question": f"Missing values in {frame.name}", "schema": form})],
    )
    return outcome


def _form(frame: Frame, gaps: list[Column]) -> dict[str, Any]:
    """One choice for all numeric columns, and one for each other column."""
    group = _group_of(frame, gaps)
    ways = [*([_BY_GROUP.format(group.name)] if group else []), MEDIAN, MEAN, DROP, KEEP]
    properties: dict[str, Any] = {}
    if any(column.kind == "number" for column in gaps):
        properties["numbers"] = {"type": "string", "title": "Numeric columns", "enum": ways, "default": ways[0]}
    for column in gaps:
        if column.kind == "category":
            title = f"Rows without {column.name}"
            properties[column.name] = {"type": "string", "title": title, "enum": [UNKNOWN, DROP], "default": UNKNOWN}
    return {"type": "object", "properties": properties, "required": list(properties)}


def cleaning(frame: Frame, gaps: list[Column], answer: dict[str, str]) -> str | None:
    """The code that does what was answered; None when nothing is to be done."""
    clean = _clean_name(frame)
    numbers = [column.name for column in gaps if column.kind == "number"]
    steps = _for_numbers(frame, gaps, numbers, answer.get("numbers", KEEP)) if numbers else []
    for column in gaps:
        chosen = answer.get(column.name) if column.kind == "category" else None
        name = quoted(column.name)
        if chosen == UNKNOWN:
            values = f"{clean}[{name}]" + (".astype(object)" if column.dtype == "category" else "")
            steps.append(f'{clean}[{name}] = {values}.fillna("unknown")')
        elif chosen == DROP:
            steps.append(f"{clean} = {clean}.dropna(subset=[{name}])")
    if not steps:
        return None
    return "\n".join([f"{clean} = {frame.name}.copy()", *steps, f"{clean}.isna().sum()"])


def _for_numbers(frame: Frame, gaps: list[Column], numbers: list[str], way: str) -> list[str]:
    clean, group = _clean_name(frame), _group_of(frame, gaps)
    listed = f"[{', '.join(map(quoted, numbers))}]"
    if way == DROP:
        return [f"{clean} = {clean}.dropna(subset={listed})"]
    if way == KEEP:
        return []
    lines = [f"numbers = {listed}"]
    if group is not None and way == _BY_GROUP.format(group.name):
        by_group = f'{clean}.groupby({quoted(group.name)})[numbers].transform("median")'
        return [*lines, f"{clean}[numbers] = {clean}[numbers].fillna({by_group})"]
    method = "mean" if way == MEAN else "median"
    return [*lines, f"{clean}[numbers] = {clean}[numbers].fillna({clean}[numbers].{method}())"]


def _group_of(frame: Frame, gaps: list[Column]) -> Column | None:
    """A whole column of categories, by which a median says more."""
    return next((column for column in frame.columns if column.kind == "category" and column not in gaps), None)


def _clean_name(frame: Frame) -> str:
    return f"{frame.name}_clean"


MISSING_VALUES = Skill(name="treat missing values", example="Clean the missing values", wanted=wanted, script=script)
