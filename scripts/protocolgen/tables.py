"""The tables of `protocol.md`, and the meanings of what has no docstring in the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args, get_origin

from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields

from jupyter_copilot import protocol
from jupyter_copilot.core.reducer import FOLDS
from jupyter_copilot.core.reducer.fold import EntryKind, Transition
from jupyter_copilot.protocol.errors import RejectCode

from .source import (
    CHANGES,
    CLIENT_FRAMES,
    COMMANDS,
    EVENTS,
    OPERATIONS,
    REPORTS,
    SERVER_FRAMES,
    STATE,
    WIRE,
    StructType,
    default_of,
    is_struct,
    json_of,
    summary,
    tag,
)
from .typescript import ts_type

# Meanings of what is a bare name in the sources. A missing or superfluous entry is an error.
REJECT_CODES = {
    "bad_frame": "The frame is not JSON, not of this protocol, or a field has a wrong type or size.",
    "out_of_order": "The frame came at the wrong moment: before `hello`, or a second `hello`.",
    "unsupported_protocol": "The server does not speak this protocol version; `details` names those that it speaks.",
    "unknown_command": "The server knows no command of this name: one of the two is older.",
    "too_large": "A frame, a text or arguments exceed the published limit.",
    "rate_limited": "Too many commands in a short time.",
    "unauthenticated": "The server no longer knows who this is.",
    "forbidden": "This participant may not do that.",
    "not_found": "What the command names does not exist.",
    "already_exists": "The id is taken.",
    "already_decided": "Somebody decided first; `details` says who, when and what.",
    "expired": "The confirmation's time is over.",
    "withdrawn": "The confirmation was taken back.",
    "stale": "What was seen is not what is there now: `args_hash` differs.",
    "invalid_option": "The option was never offered.",
    "invalid_value": "The answer does not fit the confirmation's schema.",
    "invalid_args": "The edited arguments do not fit the tool.",
    "thread_archived": "The thread was put away.",
    "run_finished": "The run is over.",
    "run_not_finished": "The run is not over yet.",
    "not_claimable": "The call is not on offer, or another front end holds it.",
    "stale_fence": "The claim was lost to a newer one.",
    "limit_reached": "The room holds as many of these as it may.",
    "room_full": "As many sessions as the room may have are here.",
    "draining": "The server is shutting down.",
    "store_unavailable": "The log cannot be written now.",
    "internal": "The server failed; its log says why.",
}
CLOSE_CODES = {
    "CLOSE_BAD_FRAME": "Too many frames that cannot be read.",
    "CLOSE_FORBIDDEN": "This participant may no longer watch this notebook.",
    "CLOSE_NOT_FOUND": "The notebook does not exist any more.",
    "CLOSE_PROTOCOL": "The protocol version is not spoken here.",
    "CLOSE_REAUTH": "Sign in again.",
    "CLOSE_DRAINING": "The server is shutting down or restarting; everything acknowledged is saved.",
    "CLOSE_ROOM_FULL": "As many sessions as the room may have are here.",
    "CLOSE_RATE_LIMITED": "Too many frames in a short time.",
    "CLOSE_SLOW": "This client reads too slowly.",
    "CLOSE_STORE": "The log cannot be read or written now.",
}
LIMITS = {
    "frame_bytes": "bytes of one client frame",
    "args_bytes": "bytes of a call's or a decision's arguments, as JSON",
    "text_chars": "characters of a message",
    "commands_per_s": "commands per second of one participant, on average",
    "command_burst": "commands that may come at once",
    "sessions": "sessions in one room",
}


class NotDescribed(Exception):
    """A name of the sources lacks its meaning here, or the other way round."""


def described(names: Iterable[str], meanings: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each name with its meaning. Raises `NotDescribed` unless the two name the same things."""
    listed = list(names)
    if set(listed) != set(meanings):
        raise NotDescribed(", ".join(sorted(set(listed) ^ set(meanings))))
    return ((name, meanings[name]) for name in listed)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def struct_table(structs: Iterable[StructType], head: str) -> str:
    """Wire name, fields and meaning of each struct."""
    return table([head, "fields", "meaning"], ([_name(s), _fields(s), summary(s)] for s in structs))


def _name(struct: StructType) -> str:
    config = struct.__struct_config__
    return f"`{struct.__name__}`" if config.tag_field is None else f"`{config.tag}`"


def _fields(struct: StructType) -> str:
    return "<br>".join(f"`{_field(field)}`" for field in fields(struct))


def _field(field: FieldInfo) -> str:
    kind = ts_type(field.type).replace("readonly ", "")
    default = default_of(field)
    if default is NODEFAULT:
        return f"{field.encode_name}: {kind}"
    plain = default is None or isinstance(default, str | int | list)
    return f"{field.encode_name}?: {kind}" + (f" = {json_of(default)}" if plain and default is not None else "")


def values() -> Iterator[StructType]:
    """The structs that stand inside of frames, commands and events."""
    for definition in WIRE:
        value = definition.value
        listed = value is not protocol.Limits and value not in REPORTS
        if is_struct(value) and listed and not value.__struct_config__.tag_field:
            yield value


def state_structs() -> Iterator[StructType]:
    """The structs of a snapshot's state."""
    return (d.value for d in STATE if is_struct(d.value))


def transitions() -> Iterator[tuple[StructType, Transition]]:
    """What each event does to the entries of the state, entry by entry."""
    every = [(event, t) for event in EVENTS for t in FOLDS[event].transitions]
    for entry in get_args(EntryKind):
        yield from ((event, t) for event, t in every if t.entry == entry)


def tables() -> dict[str, str]:
    """The generated part of each marked section of `docs/protocol.md`."""
    limits = protocol.Limits()
    closes = described((n for n in vars(protocol) if n.startswith("CLOSE_")), CLOSE_CODES)
    return {
        "client-frames": struct_table(CLIENT_FRAMES, "frame"),
        "server-frames": struct_table(SERVER_FRAMES, "frame"),
        "commands": struct_table(COMMANDS, "command"),
        "events": struct_table(EVENTS, "event"),
        "operations": struct_table(OPERATIONS, "operation"),
        "changes": struct_table(CHANGES, "change"),
        "reports": struct_table(REPORTS, "report"),
        "transitions": table(
            ["entry", "status before", "event", "status after"],
            ([t.entry, ", ".join(t.before), f"`{tag(event)}`", ", ".join(t.after)] for event, t in transitions()),
        ),
        "values": struct_table(values(), "value"),
        "state": table(
            ["value", "`status`", "fields", "meaning"],
            ([f"`{s.__name__}`", _status(s), _fields(s), summary(s)] for s in state_structs()),
        ),
        "reject-codes": table(
            ["code", "meaning"], ([f"`{n}`", m] for n, m in described(get_args(RejectCode), REJECT_CODES))
        ),
        "close-codes": table(
            ["code", "name", "what a client does", "meaning"],
            ([str(c := getattr(protocol, n)), f"`{n}`", f"`{protocol.retry_for(c)}`", m] for n, m in closes),
        ),
        "limits": table(
            ["limit", "now", "counts"],
            (
                [f"`{n}`", str(getattr(limits, n)), m]
                for n, m in described((f.name for f in fields(protocol.Limits)), LIMITS)
            ),
        ),
        "literals": table(
            ["name", "one of"],
            (
                [f"`{d.name}`", ", ".join(f"`{arg}`" for arg in get_args(d.value))]
                for d in WIRE
                if get_origin(d.value) is Literal and d.name != "RejectCode"
            ),
        ),
    }


def _status(struct: StructType) -> str:
    return f"`{tag(struct)}`" if struct.__struct_config__.tag_field else ""


def documentation(text: str) -> str:
    """The documentation with its tables renewed. Raises `NotDescribed` for a marker without table or the reverse."""
    found = tables()
    marked = re.findall(r"<!-- generated: ([a-z-]+) -->", text)
    if sorted(marked) != sorted(found):
        raise NotDescribed(f"markers {sorted(marked)}, tables {sorted(found)}")

    def renewed(match: re.Match[str]) -> str:
        return f"<!-- generated: {match[1]} -->\n{found[match[1]]}\n<!-- end -->"

    return re.sub(r"(?s)<!-- generated: ([a-z-]+) -->.*?<!-- end -->", renewed, text)
