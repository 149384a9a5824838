"""The port of inline completion: the text at the cursor, as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from ..core.inline_completion.code import CodeAround
from ..protocol import Usage


class CompletionModel(Struct, frozen=True, kw_only=True):
    """A model that can complete: where it is, and whether each request costs money."""

    name: str
    label: str
    host: str
    costs: bool


class Sent(Struct, frozen=True, kw_only=True, tag_field="type", tag="sent"):
    """What of the code goes to which model, said before its answer: characters, other cells, names of the kernel.

    `way` is how it is asked: `suffix`, `infill`, `template` or `chat`.
    """

    model: str
    host: str
    way: str
    chars: int
    cells: int
    names: int


class Text(Struct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """All of the text so far that is to be shown at the cursor."""

    text: str


class Done(Struct, frozen=True, kw_only=True, tag_field="type", tag="done"):
    """The end of the answer."""

    usage: Usage = Usage()


CompletionPart = Sent | Text | Done


class Completer(Protocol):
    """Completes code at the cursor."""

    def models(self) -> list[CompletionModel]:
        """The models that may be asked, the one that is taken without a choice first."""

    async def prepare(self) -> None:
        """Do what takes long before the first answer, so that the person who types does not wait for it."""

    def complete(self, code: CodeAround, model: str = "", *, again: bool = False) -> AsyncIterator[CompletionPart]:
        """`Sent`, then texts, then exactly one `Done`; closing the iterator closes the connection to the model.

        `again` asks for another answer than the likeliest one. Raises `ModelError`.
        """

    async def close(self) -> None:
        """Release connections."""
