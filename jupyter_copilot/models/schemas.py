"""Schemas of tools for servers that build a grammar of them, or read a part of JSON Schema only."""

from __future__ import annotations

from typing import Any

from ..protocol import JsonObject

_KEPT = frozenset(("type", "description", "properties", "required", "items", "enum"))


def bare_tool(tool: JsonObject) -> JsonObject:
    """The tool's definition with the parts of its schema that every server reads: limits and alternatives are gone."""
    function = tool.get("function", {})
    return {**tool, "function": {**function, "parameters": bare(function.get("parameters", {}))}}


def bare(schema: Any) -> Any:
    """The schema with types, properties, items and choices alone; what may be anything is a text."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key in _KEPT}
    if "properties" in kept:
        kept["properties"] = {name: bare(each) for name, each in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = bare(kept["items"])
    return kept if "type" in kept else {"type": "string", **kept}
