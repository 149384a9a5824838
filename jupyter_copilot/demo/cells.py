"""The cells of a notebook, read back from the text that read_notebook and read_cell give to a model."""

from __future__ import annotations

import json
import re

from msgspec import Struct

from .marks import MarkedBlock, blocks, marked

_HEADING = re.compile(
    r"^\[(?P<number>\d+) (?P<id>\"(?:\\.|[^\"])*\"|[^\s\]]+)(?: (?P<type>markdown|raw))?"
    r"(?: run (?P<count>\d+))?(?: [^\]\n]*)?\]$",
    re.MULTILINE,
)
_OUTPUTS = ("stdout", "stderr", "result", "display")
_LAST_LINE = re.compile(
    r"^(?P<name>\w*(?:Error|Exception|Warning|Interrupt|Iteration))(?:: (?P<value>.*))?$", re.MULTILINE
)


class Trouble(Struct, frozen=True, kw_only=True):
    """An error that a cell ended with: its name, its message, and the whole traceback."""

    name: str
    value: str
    traceback: str


class CellView(Struct, frozen=True, kw_only=True):
    """A cell as a model sees it; `number` counts from 1, `printed` is the text of its outputs."""

    number: int
    cell_id: str
    cell_type: str
    source: str
    printed: str = ""
    trouble: Trouble | None = None
    count: int | None = None

    @property
    def ran(self) -> bool:
        """Whether it has run once, in this kernel or an earlier one."""
        return self.count is not None

    @property
    def name(self) -> str:
        """What people call it."""
        return f"cell {self.number}"


def read_cells(text: str) -> list[CellView]:
    """The cells that a tool's result shows, in order."""
    pieces = list(blocks(text))
    # A heading inside of a piece is a cell's own text, and no heading.
    headings = [h for h in _HEADING.finditer(text) if not any(b.start < h.start() < b.end for b in pieces)]
    ends = [h.start() for h in headings[1:]] + [len(text)]
    return [
        _cell(heading, [block for block in pieces if heading.end() < block.start < end])
        for heading, end in zip(headings, ends[: len(headings)], strict=True)
    ]


def read_trouble(text: str) -> Trouble | None:
    """The error in a tool's result, if there is one."""
    traceback = marked(text, "error")
    return None if traceback is None else _trouble(traceback)


def read_output(text: str) -> str:
    """What a cell printed and returned, in a tool's result."""
    return "\n".join(block.text for block in blocks(text) if block.kind in _OUTPUTS)


def _cell(heading: re.Match[str], pieces: list[MarkedBlock]) -> CellView:
    errors = [block.text for block in pieces if block.kind == "error"]
    return CellView(
        number=int(heading["number"]),
        cell_id=json.loads(heading["id"]) if heading["id"].startswith('"') else heading["id"],
        cell_type=heading["type"] or "code",
        source=next((block.text for block in pieces if block.kind == "source"), ""),
        printed="\n".join(block.text for block in pieces if block.kind in _OUTPUTS),
        trouble=_trouble(errors[-1]) if errors else None,
        count=int(heading["count"]) if heading["count"] else None,
    )


def _trouble(traceback: str) -> Trouble:
    found = list(_LAST_LINE.finditer(traceback))
    if not found:
        return Trouble(name="Error", value=traceback.strip().rpartition("\n")[2], traceback=traceback)
    return Trouble(name=found[-1]["name"], value=found[-1]["value"] or "", traceback=traceback)
