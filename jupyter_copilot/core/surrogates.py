"""Text that can be written as UTF-8: kernels and models send lone surrogates now and then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from .. import protocol as p


def well_formed(events: Sequence[p.Event]) -> list[p.Event]:
    """The same events, with each lone surrogate in their texts replaced by U+FFFD."""
    return [msgspec.convert(_clean(msgspec.to_builtins(event)), type(event)) for event in events]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
