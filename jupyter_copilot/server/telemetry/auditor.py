"""The auditor of a room: hands its records to the sinks, from where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from msgspec import Struct

from ... import protocol as p
from ...ports.audit import AuditSink, AuditSinkFactory
from ...room.room import Room
from .jsonl import JsonLinesSink

ENTRY_POINTS = "jupyter_copilot.audit_sinks"
"""The group in which packages offer an `AuditSinkFactory`, named by its kind."""
PAGE = 500
LOOK_EVERY_S = 30.0


class AuditTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sink in the policy file: `[[audit]]`. `kind` is `jsonl`, with a `file`, or the name of an entry point."""

    kind: str = "jsonl"
    file: str = ""
    content: bool = False
    options: dict[str, Any] = {}


def open_sinks(tables: list[AuditTable]) -> tuple[list[AuditSink], list[p.Problem]]:
    """The sinks that can be used, and what is wrong with the others; read once, when the server starts."""
    sinks, problems = [], []
    for table in tables:
        try:
            sinks.append(_sink(table))
        except Exception as error:  # what a package of somebody else raises
            reason = str(error) or type(error).__name__
            said = f"The audit sink {table.kind!r} cannot be used: {reason}."
            problems.append(p.Problem(code="bad_audit_sink", message=said, hint=""))
    return sinks, problems


def _sink(table: AuditTable) -> AuditSink:
    if table.kind == "jsonl":
        if not table.file:
            raise ValueError("it needs a file")
        return JsonLinesSink(Path(table.file).expanduser(), content=table.content)
    point = next((one for one in metadata.entry_points(group=ENTRY_POINTS) if one.name == table.kind), None)
    if point is None:
        raise ValueError(f"no installed package offers sinks of the kind {table.kind!r}")
    factory: AuditSinkFactory = point.load()
    options: Mapping[str, Any] = table.options
    return factory(options)


def audit(room: Room, sinks: list[AuditSink], notebook: Callable[[], str]) -> None:
    """Hand the room's records to each sink for as long as it is loaded; a sink that fails is tried again."""
    for sink in sinks:
        room.supervisor.keep("auditing", _following(room, sink, notebook))


def _following(room: Room, sink: AuditSink, notebook: Callable[[], str]) -> Callable[[], Any]:
    async def follow() -> None:
        cursor = await sink.cursor(room.state.log)
        while not room.is_closed:
            records = await room.replay.history(cursor, PAGE)
            if records:
                await sink.write(room.state.log, notebook(), records)
                cursor = records[-1].seq
            else:
                await room.changes.grew(cursor, LOOK_EVERY_S)

    return follow
