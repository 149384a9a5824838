"""What a player reads: one request to a model, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct

from jupyter_copilot.ports.model import ModelRequest

_HEADING = re.compile(r"\[(\d+) ([^\s\]]+)((?: [^\]]*)?)\](.*)")
_FENCE = re.compile(r"(~{3,})(\S*)")


class ReadCell(Struct, frozen=True, kw_only=True):
    """A cell as the latest text in the request has it; `said` are the words beside its number and id."""

    number: int
    cell_id: str
    said: str
    source: str
    outputs: str


class Reader:
    """A request to a model, as a careful reader takes it."""

    def __init__(self, request: ModelRequest) -> None:
        self.request = request

    @cached_property
    def asked(self) -> str:
        """The latest message that a person wrote, with all that stands before it."""
        said = [m for m in self.request.messages if m["role"] == "user" and not _text(m).startswith("The images that")]
        return _text(said[-1])

    @cached_property
    def text(self) -> str:
        """All of the conversation."""
        return "\n".join(_text(message) for message in self.request.messages[1:])

    @cached_property
    def results(self) -> list[str]:
        """What the calls of the latest answer came to."""
        results: list[str] = []
        for message in self.request.messages:
            if message["role"] == "assistant":
                results = []
            elif message["role"] == "tool":
                results.append(_text(message))
        return results

    @property
    def result(self) -> str:
        """The same, as one text."""
        return "\n".join(self.results)

    @cached_property
    def pictures(self) -> int:
        """How many pictures go with the request."""
        parts = [part for m in self.request.messages if isinstance(m["content"], list) for part in m["content"]]
        return sum(part["type"] == "image_url" for part in parts)

    @cached_property
    def cells(self) -> dict[int, ReadCell]:
        """The cells that were told, by number, each as it was told last."""
        found: dict[int, ReadCell] = {}
        for message in self.request.messages[1:]:
            for cell in _cells(_text(message).split("\n")):
                known = found.get(cell.number)
                if known is not None and not cell.source and known.cell_id == cell.cell_id:
                    cell = ReadCell(
                        number=cell.number,
                        cell_id=cell.cell_id,
                        said=cell.said,
                        source=known.source,
                        outputs=cell.outputs,
                    )
                found[cell.number] = cell
        return found

    def cell(self, *words: str) -> ReadCell:
        """The first cell whose source has all of these words."""
        return next(cell for cell in self.cells.values() if all(word in cell.source for word in words))


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def _cells(lines: list[str]) -> Iterator[ReadCell]:
    at = 0
    while at < len(lines):
        heading = _HEADING.fullmatch(lines[at])
        at += 1
        if heading is None:
            continue
        source, outputs = "", []
        while at < len(lines) and (fence := _FENCE.fullmatch(lines[at])):
            end = lines.index(fence[1], at + 1)
            body = "\n".join(lines[at + 1 : end])
            if fence[2]:
                outputs.append(body)
            else:
                source = body
            at = end + 1
        yield ReadCell(
            number=int(heading[1]),
            cell_id=heading[2],
            said=heading[3] + heading[4],
            source=source,
            outputs="\n".join(outputs),
        )
