"""The JSON Schema of frames, records and state: `protocol.schema.json`."""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec
from msgspec.structs import fields

from jupyter_copilot import protocol
from jupyter_copilot.core import state

from .source import (
    CLIENT_FRAMES,
    COMMANDS,
    EVENTS,
    OPERATIONS,
    REPORTS,
    SERVER_FRAMES,
    UNKNOWN_EVENT,
    StructType,
    default_of,
    summary,
    tag,
)


def json_schema() -> str:
    """The text of `protocol.schema.json`."""
    # msgspec has no schema for a union with a custom type, nor for raw JSON: these three fields are filled in here.
    record, records = _stand_in(protocol.Record, event=Any), _stand_in(protocol.Records, records=list[Any])
    frames = [s for s in SERVER_FRAMES if s is not protocol.Records]
    roots = [protocol.ClientFrame, protocol.Command, protocol.Event, state.RoomState, protocol.Operation, *REPORTS]
    roots += [*frames, record, records]
    _, defs = msgspec.json.schema_components(roots, ref_template="#/$defs/{name}")
    for definition in defs.values():
        if "description" in definition:
            # From Python 3.13 on, docstrings are not indented.
            definition["description"] = inspect.cleandoc(definition["description"])
    defs["Record"]["properties"]["event"] = {"anyOf": [*(_ref(e.__name__) for e in EVENTS), _ref(UNKNOWN_EVENT)]}
    defs["Records"]["properties"]["records"]["items"] = _ref("Record")
    defs["Snapshot"]["properties"]["state"] = _ref("RoomState")
    defs[UNKNOWN_EVENT] = {
        "title": UNKNOWN_EVENT,
        "description": summary(protocol.UnknownEvent),
        "type": "object",
        "properties": {"type": {"type": "string", "not": {"enum": [tag(e) for e in EVENTS]}}},
        "required": ["type"],
    }
    unions = {
        "Command": COMMANDS,
        "ClientFrame": CLIENT_FRAMES,
        "ServerFrame": SERVER_FRAMES,
        "Operation": OPERATIONS,
        "OperationReport": REPORTS,
    }
    for name, structs in unions.items():
        defs[name] = {"anyOf": [_ref(struct.__name__) for struct in structs]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"jupyter-collaborative-copilot, wire protocol {protocol.PROTOCOL_VERSION}",
        "anyOf": [_ref("ClientFrame"), _ref("ServerFrame")],
        "$defs": dict(sorted(defs.items())),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _stand_in(struct: StructType, **kinds: Any) -> StructType:
    """The same struct with other types for some of its fields."""
    config = struct.__struct_config__
    made = msgspec.defstruct(
        struct.__name__,
        [(f.name, kinds.get(f.name, f.type), default_of(f)) for f in fields(struct)],
        tag_field=config.tag_field,
        tag=config.tag,
        kw_only=True,
    )
    made.__doc__ = struct.__doc__
    return made
