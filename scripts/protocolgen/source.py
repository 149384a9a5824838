"""What `jupyter_copilot.protocol`, `.state` and `.apply` define, in the order in which they define it."""

from __future__ import annotations

import ast
import inspect
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NewType, TypeGuard, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo

from jupyter_copilot import protocol
from jupyter_copilot.core import state
from jupyter_copilot.core.reducer import calls as call_entries
from jupyter_copilot.core.state import base as state_base
from jupyter_copilot.core.state import calls, confirmations, guests, messages, room, runs
from jupyter_copilot.protocol import (
    actors,
    base,
    commands,
    errors,
    events,
    frames,
    notices,
    operations,
    parts,
    permissions,
)

StructType = type[Struct]


def members(union: object) -> tuple[StructType, ...]:
    """The struct types of a union."""
    return typing.cast("tuple[StructType, ...]", get_args(union))


COMMANDS = members(protocol.Command)
EVENTS = members(protocol.Event)
CLIENT_FRAMES = members(protocol.ClientFrame)
SERVER_FRAMES = members(protocol.ServerFrame)
OPERATIONS = members(protocol.Operation)
CHANGES = members(protocol.Change)
REPORTS = members(protocol.OperationReport)
UNKNOWN_EVENT = protocol.UnknownEvent.__name__
BASES: set[type] = {protocol.Tagged, protocol.Value, state.Entry}


def is_struct(value: object) -> TypeGuard[StructType]:
    """Whether this is a struct type; in Python 3.10 `dict[str, Any]` passes for a type too."""
    return isinstance(value, type) and get_origin(value) is None and issubclass(value, Struct)


@dataclass(frozen=True)
class Definition:
    """Something public that a module defines, in its order."""

    name: str
    value: Any  # a type, a type hint or a constant


def definitions(*modules: types.ModuleType) -> list[Definition]:
    """Constants, ids, literals, unions and structs of the modules, in the order in which they stand there."""
    return [
        Definition(name, value)
        for module in modules
        for name in _assigned(module)
        if not name.startswith("_") and (value := vars(module)[name]) not in BASES and _describes_data(name, value)
    ]


def _assigned(module: types.ModuleType) -> list[str]:
    """The names that a module defines itself, in order."""
    names: list[str] = []
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.ClassDef):
            names.append(statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                names += [name.id for name in ast.walk(target) if isinstance(name, ast.Name)]
    return names


def _describes_data(name: str, value: object) -> bool:
    if is_struct(value):
        return value.__module__.startswith("jupyter_copilot.")
    constant = name.isupper() and isinstance(value, str | int)
    return constant or isinstance(value, NewType | types.UnionType) or get_origin(value) in (Literal, dict)


WIRE = definitions(errors, base, actors, parts, operations, permissions, notices, commands, events, frames)
STATE = definitions(state_base, guests, messages, runs, calls, confirmations, room)
DEFINITIONS = WIRE + STATE + definitions(call_entries)


def tag(struct: StructType) -> str:
    """The wire name of a tagged struct."""
    return str(struct.__struct_config__.tag)


def summary(value: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((value.__doc__ or "").split("\n\n")[0].split())


def default_of(field: FieldInfo) -> object:
    """The default of a field, or NODEFAULT."""
    if field.default_factory is not NODEFAULT:
        return typing.cast(Callable[[], object], field.default_factory)()
    return field.default


def json_of(value: object) -> str:
    """The JSON of a value, such as a default."""
    return json.dumps(msgspec.to_builtins(value))
