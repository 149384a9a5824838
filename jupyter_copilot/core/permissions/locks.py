"""Locks that people put on cells: the tag or the metadata `copilot` says that a cell is not for copilots to change.

The browser reads the same (`core/permissions/locks.ts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import protocol as p

_LOCKS: tuple[p.Lock, ...] = ("locked", "read-only")
"""The tighter one first."""


def lock_of(metadata: Mapping[str, Any]) -> p.Lock | None:
    """The tightest lock that a cell's metadata says: `copilot: locked`, as a value, within an object, or as a tag."""
    said = metadata.get("copilot")
    said = said.get("was", said) if isinstance(said, Mapping) else said  # beneath a stamp of ours
    given = [said.get("lock") if isinstance(said, Mapping) else said]
    given += [tag.partition(":")[2].strip() for tag in tags_of(metadata) if tag.partition(":")[0].strip() == "copilot"]
    return next((lock for lock in _LOCKS if lock in given), None)


def tags_of(metadata: Mapping[str, Any]) -> list[str]:
    """The tags of a cell, as far as they are such."""
    tags = metadata.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
