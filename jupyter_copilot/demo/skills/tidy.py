"""Tidy a cell: white space only, and nothing that changes what the code does."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from ..cells import read_cells
from ..conversation import DemoConversation
from ..look import look_around
from ..outcome import Call
from ..script import Script, ScriptStep, Skill
from ..verdict import mishap, thanks

_WANTED = re.compile(r"\b(tidy|reformat|format|prettify|clean up)\b.*\b(cell|code|it|this)\b")


def wanted(text: str) -> bool:
    """Whether somebody asks for tidier code."""
    return _WANTED.search(text) is not None


def script(conversation: DemoConversation) -> Script:
    """Read the cell, and propose the tidier source."""
    scene = yield from look_around("Which cell is meant?")
    cell = scene.cell(conversation.request)
    if cell is None or cell.cell_type != "code":
        return "Which cell shall I tidy? Go to one with code, or say for example “tidy cell 4”."
    [read] = yield ScriptStep(
        thought=f"I read {cell.name} as it stands now.", calls=[Call("read_cell", {"cell_id": cell.cell_id})]
    )
    now = next(iter(read_cells(read.result)), cell)
    source = tidied(now.source)
    if source == now.source:
        return (
            f"{now.name.capitalize()} is tidy already, as far as white space goes. More than that takes a real model."
        )
    [outcome] = yield ScriptStep(
        thought="Only white space differs: Python reads both the same.",
        text=f"I would only change white space in {now.name}:",
        calls=[Call("edit_cell", {"cell_id": now.cell_id, "source": source})],
    )
    return mishap(outcome) or f"{thanks(outcome)}{now.name.capitalize()} is tidy now, and does the same as before."


def tidied(source: str) -> str:
    """The source with usual spacing; unchanged where that would change what Python reads."""
    try:
        spaced = "\n".join(_spaced(line) for line in source.splitlines())
        spaced = re.sub(r"\n{3,}", "\n\n", spaced).strip("\n")
        return spaced if ast.dump(ast.parse(spaced)) == ast.dump(ast.parse(source)) else source
    except (SyntaxError, ValueError):
        return source


def _spaced(line: str) -> str:
    """One line with a space after commas and around operators, where its tokens can be told apart."""
    indent = line[: len(line) - len(line.lstrip())].replace("\t", "    ")
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(line.strip()).readline) if t.string.strip()]
    except (tokenize.TokenError, IndentationError):
        return line.rstrip()
    text, depth, end = "", 0, 0
    for token in tokens:
        gap = " " if token.start[1] > end else ""
        if token.string in (",", ";"):
            gap = ""
        elif text.endswith(",") or ((token.string in _OPERATORS or _last(text) in _OPERATORS) and depth == 0):
            gap = " "
        elif token.type == tokenize.COMMENT and text:
            gap = "  "
        depth += (token.string in "([{") - (token.string in ")]}")
        text += gap + token.string
        end = token.end[1]
    return indent + text


_OPERATORS = ("=", "==", "!=", "+=", "-=", "*=", "/=", "<=", ">=")


def _last(text: str) -> str:
    found = re.search(r"[=!+\-*/<>]+$", text)
    return found[0] if found else ""


TIDY = Skill(name="tidy a cell", example="Tidy cell 4", wanted=wanted, script=script)
