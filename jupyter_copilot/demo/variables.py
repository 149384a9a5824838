"""The kernel's variables, read back from the text that inspect_variables and inspect_variable give to a model."""

from __future__ import annotations

import ast
import re
from typing import Literal

from msgspec import Struct

from .marks import marked

_VARIABLE = re.compile(r"^(?P<name>\w+): (?P<type>[\w.]+)(?:, (?:(?P<rows>[\d,]+) × )?.*)?$", re.MULTILINE)
_ROWS = re.compile(r"^([\d,]+) rows × [\d,]+ columns$", re.MULTILINE)
_FILE = re.compile(r"^(?P<path>\"(?:\\.|[^\"])*\"|\S+)  [\d.,]+ \w+$", re.MULTILINE)
_COLUMN = re.compile(r"^column (?P<name>.+?): (?P<dtype>[^,:\n]+)(?:, (?P<missing>[\d,]+) nulls.*)?$", re.MULTILINE)


class Variable(Struct, frozen=True, kw_only=True):
    """A name that the kernel knows, and what it stands for; `rows` counts those of a data frame."""

    name: str
    type: str
    rows: int = 0

    @property
    def is_frame(self) -> bool:
        """Whether it is a data frame."""
        return self.type.rpartition(".")[2] == "DataFrame"


class Column(Struct, frozen=True, kw_only=True):
    """A column of a data frame: its dtype, and how many of its values are missing."""

    name: str
    dtype: str
    missing: int = 0

    @property
    def kind(self) -> Literal["number", "category"]:
        """How to plot it."""
        return "number" if re.match(r"u?int|float|decimal", self.dtype, re.IGNORECASE) else "category"


class Frame(Struct, frozen=True, kw_only=True):
    """A data frame of the kernel."""

    name: str
    rows: int
    columns: list[Column]

    def column(self, name: str) -> Column:
        """The column of this name, which must exist."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]


def read_variables(text: str) -> list[Variable]:
    """The variables in a result of inspect_variables; none when there is no kernel."""
    return [
        Variable(name=found["name"], type=found["type"], rows=_number(found["rows"]))
        for found in _VARIABLE.finditer(marked(text, "variables") or "")
    ]


def read_frame(name: str, text: str) -> Frame | None:
    """The data frame in a result of inspect_variable; None when it shows something else."""
    body = marked(text, "variable") or ""
    rows = _ROWS.search(body)
    columns = [
        Column(name=_unquoted(found["name"]), dtype=found["dtype"], missing=_number(found["missing"]))
        for found in _COLUMN.finditer(body)
        # People speak of columns by their names; those that numbers or tuples name are left out.
        if found["name"][0] in "'\""
    ]
    return Frame(name=name, rows=_number(rows[1]), columns=columns) if rows and columns else None


def read_files(text: str) -> list[str]:
    """The names of files in a result of list_files."""
    return [_unquoted(found["path"]) for found in _FILE.finditer(marked(text, "files") or "")]


def _unquoted(name: str) -> str:
    """A column's name without its quotes; a number or a tuple stays as Python writes it."""
    try:
        value = ast.literal_eval(name)
    except (ValueError, SyntaxError):
        return name
    return value if isinstance(value, str) else name


def _number(text: str | None) -> int:
    return int(text.replace(",", "")) if text else 0
