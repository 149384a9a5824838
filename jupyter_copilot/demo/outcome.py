"""A tool call and what became of it, read from the text that a model is told."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from msgspec import Struct

from .marks import marked, unmarked

_COMMENT = re.compile(r"“([^”]*)”")
_REFUSED = re.compile(r"(^|\n)(.{1,60} denied this|Nobody decided in time|Not done)")
_EDITED = re.compile(r"(?:^|\n)(.{1,60}?) approved this with other arguments: ")


_LEAD = re.compile(r"\A(?:[^\n]{1,60} approved this[^\n]*\n)?(?:This failed\.\n)?")
_PLUGIN = re.compile(r"(~{3,})result\n.*\n\1", re.DOTALL)
"""A result whose tool does not mark by itself what others wrote."""


class Call(Struct, frozen=True):
    """A tool call that the model makes or made."""

    name: str
    args: dict[str, Any] = {}


class Outcome(Struct, frozen=True, dict=True):
    """A call of an earlier step, and the text that the model was told of it."""

    call: Call
    text: str

    @cached_property
    def result(self) -> str:
        """What the tool itself returned, without what was said before it."""
        own = marked(self.text, "result") if _PLUGIN.fullmatch(_LEAD.sub("", self.text)) else None
        return _LEAD.sub("", self.text) if own is None else own

    @property
    def refused(self) -> bool:
        """Whether people denied it, let it expire, or took it back: it was not done."""
        return _REFUSED.search(self._around) is not None

    @property
    def failed(self) -> bool:
        """Whether the tool said that it could not do it."""
        return "This failed." in self._around

    @property
    def doubtful(self) -> bool:
        """Whether nobody knows if it was done."""
        return self._around.startswith(("It is not known", "Its run was stopped"))

    @property
    def edited_by(self) -> str | None:
        """Who changed the arguments before approving them."""
        found = _EDITED.search(self._around)
        return found[1] if found else None

    @property
    def comment(self) -> str:
        """What the person who decided said about it."""
        found = _COMMENT.search(self._around)
        return found[1] if found else ""

    @property
    def answer(self) -> dict[str, Any] | None:
        """The values of the form that a person filled in; None when it was skipped."""
        start = self.text.find("{")
        if start < 0 or self.refused:
            return None
        try:
            value, _ = json.JSONDecoder().raw_decode(self.text[start:])
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def _around(self) -> str:
        """What people and the server say of the call, without what the tool returned."""
        return unmarked(self.text)
