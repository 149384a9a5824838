"""The types, constants and field tables of the front end: `protocol/index.ts`."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, NewType, get_args, get_origin

import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields

from jupyter_copilot import protocol
from jupyter_copilot.core import state

from .source import (
    CLIENT_FRAMES,
    COMMANDS,
    DEFINITIONS,
    EVENTS,
    OPERATIONS,
    REPORTS,
    SERVER_FRAMES,
    UNKNOWN_EVENT,
    Definition,
    StructType,
    default_of,
    is_struct,
    json_of,
    summary,
    tag,
)

# TypeScript's own `Record` and the DOM's `Event` would be shadowed.
TS_NAMES = {"Record": "LogRecord", "Event": "RoomEvent"}
SCALARS: dict[object, str] = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
FROM_CLIENT = {*COMMANDS, *CLIENT_FRAMES, *REPORTS}
_ALIASES = [d for d in DEFINITIONS if not (is_struct(d.value) or isinstance(d.value, str | int))]


def ts_name(name: str) -> str:
    """The TypeScript name of a Python definition."""
    return TS_NAMES.get(name, name)


def ts_type(hint: Any, *, from_client: bool = False) -> str:
    """A Python type hint in TypeScript."""
    if get_origin(hint) is Annotated:
        return ts_type(get_args(hint)[0], from_client=from_client)
    for alias in _ALIASES:
        if alias.value == hint:
            return ts_name(alias.name)
    if hint in SCALARS:
        return SCALARS[hint]
    if hint is Any or hint is msgspec.Raw:
        return "unknown"
    if is_struct(hint):
        name = ts_name(hint.__name__)
        whole = all(default_of(f) is not NODEFAULT for f in fields(hint))
        return f"Partial<{name}>" if from_client and whole else name
    return _ts_generic(hint, from_client)


def _ts_generic(hint: Any, from_client: bool) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (list, tuple):
        item = ts_type(args[0], from_client=from_client)
        return f"readonly ({item})[]" if " " in item else f"readonly {item}[]"
    if origin is dict:
        return f"{{ [id: string]: {ts_type(args[1])} }}"
    if origin is Literal:
        return " | ".join(f"'{arg}'" for arg in args)
    if origin in (types.UnionType, typing.Union):
        return _ts_union(args, from_client)
    if hint is protocol.UnknownEvent:
        return UNKNOWN_EVENT
    raise TypeError(f"No TypeScript for {hint!r}")


def _ts_union(args: Sequence[Any], from_client: bool) -> str:
    """A union's members, those of a named union as its name."""
    rest, names = list(args), []
    for alias in _ALIASES:
        inner = get_args(alias.value)
        if len(inner) > 1 and get_origin(alias.value) is not Literal and set(inner) < set(rest):
            names.append(ts_name(alias.name))
            rest = [arg for arg in rest if arg not in inner]
    return " | ".join([*names, *(ts_type(arg, from_client=from_client) for arg in rest)])


def ts_struct(struct: StructType, name: str) -> Iterator[str]:
    """The lines of a struct's interface."""
    config = struct.__struct_config__
    from_client = struct in FROM_CLIENT
    yield f"/** {summary(struct)} */"
    yield f"export interface {name} {{"
    if config.tag_field is not None:
        yield f"  readonly {config.tag_field}: '{config.tag}';"
    for field in fields(struct):
        absent = default_of(field) is not NODEFAULT and (from_client or config.omit_defaults)
        kind = "RoomState" if struct is protocol.Snapshot and field.name == "state" else None
        kind = kind or ts_type(field.type, from_client=from_client)
        mutable = struct is state.RoomState
        yield f"  {'' if mutable else 'readonly '}{field.encode_name}{'?' if absent else ''}: {kind};"
    yield "}"


def ts_definition(definition: Definition) -> Iterator[str]:
    """The lines of one definition."""
    name, value = ts_name(definition.name), definition.value
    if isinstance(value, str | int):
        yield f"export const {name} = {_ts_literal(value)};"
    elif is_struct(value):
        yield from ts_struct(value, name)
    elif isinstance(value, NewType):
        yield f"export type {name} = string;"
    elif value == protocol.JsonObject:
        yield f"export type {name} = {{ readonly [key: string]: unknown }};"
    else:
        yield from _ts_alias(name, value)


def _ts_alias(name: str, value: Any) -> Iterator[str]:
    if get_origin(value) is Literal:
        items = [f"'{arg}'" for arg in get_args(value)]
    else:
        items = [ts_name(arg.__name__) for arg in get_args(value)]
    one_line = f"export type {name} = {' | '.join(items)};"
    if len(one_line) <= 100:
        yield one_line
    else:
        yield f"export type {name} ="
        yield from (f"  | {item}{';' if item is items[-1] else ''}" for item in items)


def _ts_literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json_of(value)


def ts_shape(struct: StructType) -> str:
    """The fields of a tagged struct for the decoder: their kinds, and the defaults of those that may be absent."""
    return f"  {tag(struct)}: '{' '.join(map(_ts_field, fields(struct)))}'"


def _ts_field(field: FieldInfo) -> str:
    kind, default = f":{_kind(field.type)}", default_of(field)
    text = field.encode_name + kind.replace(":string", "")
    if default is not NODEFAULT:
        text += "=" + json_of(default).replace(", ", ",").replace(": ", ":")
    assert " " not in text and "'" not in text, f"{text!r} does not fit in a shape"
    return text


def _kind(hint: Any) -> str:
    """What `typeof` a field has, with `?` where null may stand too."""
    if isinstance(hint, NewType):
        return _kind(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(args[0])
    if origin in (types.UnionType, typing.Union):
        kinds = {_kind(arg) for arg in args if arg is not type(None)}
        return (kinds.pop() if len(kinds) == 1 else "any") + ("?" if type(None) in args else "")
    if origin is Literal:
        return SCALARS[type(args[0])]
    if hint is Any:
        return "any"
    return SCALARS.get(hint, "array" if origin in (list, tuple) else "object")


_UNKNOWN_EVENT_TS = """\
/** An event of a later version: kept as it came, folded as a no-op. */
export interface UnknownEvent {
  readonly type: 'unknown';
  readonly body: JsonObject;
}"""

_SHAPES_TS = """\
/**
 * The fields of something, for the decoder: each with what it is (a string, where nothing is said), with `?` where null
 * may stand too, and in JSON its default where it may be absent: `run_id until:number? attempt:number=1`.
 */
export type Shape = string;"""


def typescript() -> str:
    """The text of `protocol/index.ts`."""
    blocks = [
        "// Generated by scripts/generate_protocol.py from jupyter_copilot/protocol and core/state: do not edit.",
    ]
    for definition in DEFINITIONS:
        if definition.name == "Record":
            blocks.append(_UNKNOWN_EVENT_TS)
        blocks.append("\n".join(ts_definition(definition)))
    blocks.append(_SHAPES_TS)
    for name, structs in (("SERVER_FRAMES", SERVER_FRAMES), ("EVENTS", EVENTS), ("OPERATIONS", OPERATIONS)):
        shapes = ",\n".join(ts_shape(struct) for struct in structs)
        blocks.append(f"export const {name}: {{ readonly [name: string]: Shape }} = {{\n{shapes}\n}};")
    names = ",\n".join(f"  '{tag(event)}'" for event in EVENTS)
    blocks.append(f"export const EVENT_NAMES = [\n{names}\n] as const;")
    return _close_up("\n\n".join(blocks)) + "\n"


def _close_up(text: str) -> str:
    """One-line definitions of a kind stand together, without blank lines."""
    return re.sub(r"(?m)^(export (?:const|type) .*;)\n\n(?=export (const|type) .*;$)", r"\1\n", text)
