"""Load a CSV file that lies beside the notebook, and show its first rows."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ..conversation import DemoConversation
from ..look import Look, look_around
from ..outcome import Call
from ..script import Script, ScriptStep, Skill
from ..variables import read_files
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(load|read|open|import)\b.*\b(csv|file|data)\b|\bload \S+\.csv\b")


def wanted(text: str) -> bool:
    """Whether somebody asks to load data."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """See which files there are, ask if there are several, and load one in a new cell."""
    scene = yield from look_around("Is there data loaded already?")
    [listed] = yield ScriptStep(thought="Which files lie beside the notebook?", calls=[Call("list_files")])
    files = [name for name in read_files(listed.result) if name.endswith(".csv")]
    named = [name for name in files if name.lower() in conversation.request.text.lower()]
    chosen = named[0] if named else files[0] if len(files) == 1 else (yield from _ask(files)) if files else None
    if chosen is None:
        return "I see no CSV file here. Put one beside the notebook, and ask me again."
    name = "df" if "df" not in scene.known else re.sub(r"\W", "_", PurePosixPath(chosen).stem)
    source = f'import pandas as pd\n\n{name} = pd.read_csv("{chosen}")\n{name}.head()'
    [outcome] = yield ScriptStep(
        thought="I read it with pandas, and show the first rows to see whether that went well.",
        text=f"I would load `{chosen}` into `{name}`:",
        calls=[Call("insert_and_run", {"after": scene.last_id, "source": source})],
    )
    return mishap(outcome) or f"{thanks(outcome)}`{name}` is loaded. Ask me to summarise it, or to plot a column."


def _ask(files: list[str]) -> Look[str | None]:
    field = {"type": "string", "title": "File", "enum": files}
    form = {"type": "object", "properties": {"file": field}, "required": ["file"]}
    [outcome] = yield ScriptStep(
        text=f"There are {len(files)} CSV files here.",
        calls=[Call("ask_user", {"question": "Which file shall I load?", "schema": form})],
    )
    chosen = (outcome.answer or {}).get("file")
    return str(chosen) if chosen in files else None


LOAD = Skill(name="load a CSV file", example="Load penguins.csv", wanted=wanted, script=script)
