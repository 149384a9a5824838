"""The audit port: where the records of all rooms go besides the store, for those who must prove what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ..protocol import LogId, Record


class AuditSink(Protocol):
    """Takes records in the order of each log, at least once: after a crash some may come again, with the same seq."""

    async def cursor(self, log: LogId) -> int:
        """The seq up to which this log's records are kept durably; 0 when none is."""

    async def write(self, log: LogId, notebook: str, records: Sequence[Record]) -> None:
        """Return once the records are kept. Whatever it raises has them written again later."""


AuditSinkFactory = Callable[[Mapping[str, Any]], AuditSink]
"""Makes a sink from its options in the policy file. Raises `ValueError`, in words for the administrator."""
