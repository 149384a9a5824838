"""The audit sink that comes with the package: a file of JSON lines, one a record."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import protocol as p

_DELTAS = (p.TextDelta, p.ReasoningDelta, p.CallOutput)
# fmt: off
_FACTS = frozenset((
    "type", "tool", "effect", "kind", "option", "outcome", "mode", "model", "channel", "attempt", "attempts", "step",
    "args_hash", "until", "uses", "tokens", "money", "own_key", "policy", "expires_at", "fence", "adapter",
    "is_error", "to",
))
# fmt: on
"""Fields of events that hold no words of people or models."""


class JsonLinesSink:
    """Appends to the file at `path`, which may be rotated; how far each log is kept stands beside it.

    Without `content`, a line says who did what and when, by ids: no text, code, arguments, results or names of cells.
    """

    def __init__(self, path: Path, *, content: bool = False) -> None:
        self._path = path
        self._cursors = path.with_name(f"{path.name}.cursors")
        self._content = content
        self._lock = asyncio.Lock()

    async def cursor(self, log: p.LogId) -> int:
        """The seq up to which this log's records are in the file."""
        return (await asyncio.to_thread(self._read)).get(log, 0)

    async def write(self, log: p.LogId, notebook: str, records: Sequence[p.Record]) -> None:
        """Append the lines, and only then say how far they go."""
        lines = [line_of(log, notebook, record, content=self._content) for record in records if self._is_kept(record)]
        async with self._lock:
            await asyncio.to_thread(self._append, lines, log, records[-1].seq)

    def _is_kept(self, record: p.Record) -> bool:
        return self._content or not isinstance(record.event, _DELTAS)

    def _append(self, lines: list[bytes], log: p.LogId, seq: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        part = self._cursors.with_suffix(".part")
        part.write_text(json.dumps({**self._read(), log: seq}), encoding="utf-8")
        part.replace(self._cursors)

    def _read(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._cursors.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found


def line_of(log: p.LogId, notebook: str, record: p.Record, *, content: bool) -> bytes:
    """A record as a line; without content, of its event only ids and plain facts."""
    event: dict[str, Any] = json.loads(p.encode(record.event))
    if not content:
        event = {name: value for name, value in event.items() if name in _FACTS or name.endswith(("_id", "_ids"))}
    actor = json.loads(p.encode(record.actor))
    line = {"log": log, "notebook": notebook, "seq": record.seq, "at": record.at, "actor": actor, "event": event}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
