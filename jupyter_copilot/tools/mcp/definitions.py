"""What a server says of its tools, made fit to be shown to models and people: all of it is a stranger's text."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec
from msgspec import Struct

from ...core.json_schema import schema_problem
from ...protocol import JsonObject

MAX_DESCRIPTION = 2_000
MAX_SCHEMA_BYTES = 64 << 10
MAX_TOOLS = 500
MAX_NAME = 64
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]")
_DROPPED = {"pattern", "patternProperties", "format", "$schema", "$id", "$comment", "$defs", "definitions", "$anchor"}
_MAX_DEPTH = 10
_canonical = msgspec.json.Encoder(order="deterministic")


class Definition(Struct, frozen=True, kw_only=True):
    """A tool as its server defines it now; `pin` names exactly what it said, and changes with any of it.

    `says_read_only` and `says_idempotent` are claims of the server.
    """

    name: str
    remote_name: str
    description: str
    parameters: JsonObject
    pin: str
    says_read_only: bool = False
    says_idempotent: bool = False


def define(
    server: str, remote_name: str, description: str, schema: Any, *, read_only: bool, idempotent: bool
) -> Definition:  # fmt: skip
    """The definition of a tool; a schema that cannot be had is one that takes any object."""
    whole = _canonical.encode([remote_name, description, schema])
    return Definition(
        name=_name(server, remote_name),
        remote_name=remote_name,
        description=_bounded(description) or f"The tool {remote_name[:100]} of the server {server}.",
        parameters=simplified(schema) if len(whole) <= MAX_SCHEMA_BYTES else {"type": "object", "properties": {}},
        pin=hashlib.sha256(whole).hexdigest()[:24],
        says_read_only=read_only,
        says_idempotent=idempotent,
    )


def distinct(definitions: list[Definition]) -> list[Definition]:
    """The definitions in the order of their names; those whose names became the same are told apart by a digest."""
    counts: dict[str, int] = {}
    for each in definitions:
        counts[each.name] = counts.get(each.name, 0) + 1
    told = [each if counts[each.name] == 1 else _renamed(each) for each in definitions]
    return sorted({each.name: each for each in told}.values(), key=lambda each: each.name)


def _name(server: str, remote_name: str) -> str:
    whole = f"{server}__{_UNUSUAL.sub('_', remote_name) or 'tool'}"
    return whole if len(whole) <= MAX_NAME else _shortened(whole, remote_name)


def _renamed(definition: Definition) -> Definition:
    return msgspec.structs.replace(definition, name=_shortened(definition.name, definition.remote_name))


def _shortened(name: str, remote_name: str) -> str:
    digest = hashlib.sha256(remote_name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[: MAX_NAME - 9]}_{digest}"


def _bounded(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1].rstrip() + "…"


def simplified(schema: Any) -> JsonObject:
    """The schema without what could take unbounded time to check: references are put in, patterns left out."""
    if not isinstance(schema, dict):
        return {"type": "object", "properties": {}}
    found = _simplified(schema, schema, 0)
    found = {**found, "type": "object"} if isinstance(found, dict) else {"type": "object"}
    found.setdefault("properties", {})
    return found if schema_problem(found) is None else {"type": "object", "properties": {}}


def _simplified(value: Any, root: JsonObject, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return {}
    if isinstance(value, list):
        return [_simplified(item, root, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _simplified(_referred(value["$ref"], root), root, depth + 1)
    kept: JsonObject = {}
    for key, item in value.items():
        if key in _DROPPED or str(key).startswith("$"):
            continue
        if key == "properties" and isinstance(item, dict):
            kept[key] = {name: _simplified(each, root, depth + 1) for name, each in item.items()}
        elif key in ("enum", "const", "default", "examples", "required"):
            kept[key] = item
        else:
            kept[key] = _simplified(item, root, depth + 1)
    return kept


def _referred(reference: Any, root: JsonObject) -> Any:
    """What a reference within the schema names; anything where it leads out of it."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return {}
    found: Any = root
    for part in reference[2:].split("/"):
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
