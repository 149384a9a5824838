"""Definitions of tools in fewer words, for models whose context is small."""

from __future__ import annotations

import re
from typing import Any

from ...protocol import JsonObject

MOST_CHARS = 90
SELF_EVIDENT_CHARS = 22
"""What is said of an argument in no more than this, such as "Its address", its name says as well."""
_FIRST_SENTENCE = re.compile(r".*?[.;:](?=\s|$)", re.DOTALL)


def short_tools(definitions: list[JsonObject]) -> list[JsonObject]:
    """The same tools with the same arguments, each described by a sentence at most, or by its name alone."""
    return [_short(definition) for definition in definitions]


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(each) for each in value]
    if not isinstance(value, dict):
        return value
    short = {
        key: _first(each) if key == "description" and isinstance(each, str) else _short(each)
        for key, each in value.items()
    }
    if "parameters" not in value and len(str(short.get("description", ""))) <= SELF_EVIDENT_CHARS:
        short = {key: each for key, each in short.items() if key != "description" or not isinstance(each, str)}
    return short


def _first(text: str) -> str:
    sentence = _FIRST_SENTENCE.match(text)
    first = (sentence[0] if sentence else text).rstrip(".;:")
    return first if len(first) <= MOST_CHARS else f"{first[: MOST_CHARS - 1]}…"
