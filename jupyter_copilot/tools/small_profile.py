"""The tools of a small model: eight of the built-in ones, each with a few plain arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.permissions.plans import PLAN_TOOL
from ..ports.tool import Tool
from ..protocol import JsonObject
from .builtin.front_end import front_end_tools
from .builtin.project.read_skill import READ_SKILL
from .registry import built_in_tools, definition_of

_ARGS = {
    "read_cell": ["cell_id"],
    "search": ["query", "where?"],
    "inspect_variable": ["name"],
    "edit_cell": ["cell_id", "source"],
    "insert_cell": ["after", "source", "cell_type?"],
    "run_cells": ["cell_ids", "restart?"],
    "evaluate": ["code"],
    "ask_user": ["question", "options?"],
}
"""Those with a mark may be left out."""
_WORDS = {
    "edit_cell": "Replace the source of a cell, without running it.",
    "insert_cell": "Insert a new cell, without running it. Returns its id.",
}
_SOURCE = {"type": "string", "description": "All of its new source."}


def small_profile(
    definitions: Sequence[JsonObject], find: Callable[[str], Tool | None], *, planning: bool
) -> list[JsonObject]:
    """The definitions for a small model: the eight, and tools of plug-ins and other servers as they are.

    Skills can be read, and in Plan mode (`planning`) a plan can be put before people.
    """
    kept = [READ_SKILL, *([PLAN_TOOL] if planning else [])]
    ours = {tool.name for tool in (*built_in_tools(), *front_end_tools())} - set(kept)
    few = [_plain(definition_of(tool)) for name in _ARGS if (tool := find(name)) is not None]
    return [*few, *(each for each in definitions if each["function"]["name"] not in ours)]


def _plain(definition: JsonObject) -> JsonObject:
    function = definition["function"]
    name, properties = function["name"], function["parameters"]["properties"]
    args = [arg.removesuffix("?") for arg in _ARGS[name]]
    parameters = {
        "type": "object",
        "required": [arg for arg in args if f"{arg}?" not in _ARGS[name]],
        "properties": {arg: _SOURCE if arg == "source" else properties[arg] for arg in args},
    }
    described = _WORDS.get(name, function["description"])
    return {"type": "function", "function": {"name": name, "description": described, "parameters": parameters}}
