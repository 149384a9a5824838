"""Digests that name exactly what a person saw."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

_canonical = msgspec.json.Encoder(order="deterministic")


def args_hash(tool: str, args: Mapping[str, Any], pinned: Mapping[str, str]) -> str:
    """The digest of a call as proposed: tool, arguments, and the version of each cell concerned."""
    return _digest({"tool": tool, "args": dict(args), "pinned": dict(pinned)})


def definition_hash(name: str, description: str, effect: str, parameters: Mapping[str, Any]) -> str:
    """The digest of a tool's definition: a rule that was granted for another one does not cover it."""
    return _digest({"name": name, "description": description, "effect": effect, "parameters": dict(parameters)})


def question_hash(title: str, body: str, options: list[str], schema: Mapping[str, Any] | None) -> str:
    """The digest of a question as shown: title, body, option ids and the form's schema."""
    return _digest({"title": title, "body": body, "options": options, "schema": schema})


def request_digest(calls: list[Any]) -> str:
    """The digest of what a guest asks for: the same calls with the same arguments have the same."""
    return _digest(calls)


def _digest(value: object) -> str:
    return hashlib.sha256(_canonical.encode(value)).hexdigest()[:24]
