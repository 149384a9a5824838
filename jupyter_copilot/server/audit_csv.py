"""The history of decisions as CSV, which no spreadsheet takes for formulas and nothing in it can be read as a row."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from ..core.visible_text import TAB, visible

LINE_END = "⏎"
"""Stands for a line end in a cell: each confirmation is one line of the file, whatever reads it."""
_START = re.compile(rf"(^|[;{LINE_END}])([\s'\"]*)(?=(\S))")
"""Where a cell begins, for spreadsheets that separate by semicolons too, and for those that pass over blanks."""


def csv_of(history: Sequence[dict[str, Any]]) -> str:
    """A row for each confirmation below the names of the columns; what hides or reorders text is written out."""
    text = io.StringIO()
    columns = list(history[0]) if history else []
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for entry in history:
        writer.writerow([cell_of(entry[column]) for column in columns])
    return text.getvalue()


def cell_of(value: object) -> str:
    """A value as the text of a cell; an apostrophe stands before what a spreadsheet would calculate."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _START.sub(_defused, visible(text).replace(TAB, "→ ").replace("\n", LINE_END))


def _defused(start: re.Match[str]) -> str:
    begins_formula = unicodedata.normalize("NFKC", start[3])[0] in "=+-@−"
    return f"{start[1]}'{start[2]}" if begins_formula else start[0]
