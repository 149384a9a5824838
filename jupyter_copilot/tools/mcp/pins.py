"""Pins: what each tool said of itself when it was first seen, and which tools people trust to only read.

A tool that says something else later is no longer the one that was trusted: it asks again.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from .configuration import ALL, ServerConfig
from .definitions import Definition

log = logging.getLogger(__name__)


class Pin(Struct, frozen=True):
    """What was seen of a tool; `trusted` is what people said of it, None when they said nothing."""

    pin: str
    trusted: bool | None = None


class Pins:
    """The pins by server and tool, kept in a file beside the store."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._pins: dict[str, dict[str, Pin]] = {}
        if path is not None:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                self._pins = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Pin]])

    def see(self, server: str, definitions: list[Definition]) -> None:
        """Pin tools that were never seen before."""
        known = self._pins.setdefault(server, {})
        new = {each.remote_name: Pin(each.pin) for each in definitions if each.remote_name not in known}
        if new:
            known.update(new)
            self._save()

    def has_changed(self, server: str, definition: Definition) -> bool:
        """Whether a tool says something else than when it was pinned."""
        pinned = self._pins.get(server, {}).get(definition.remote_name)
        return pinned is not None and pinned.pin != definition.pin

    def is_trusted(self, server: str, config: ServerConfig, definition: Definition) -> bool:
        """Whether a tool only reads, as people or the administrator said of it as it is now."""
        pinned = self._pins.get(server, {}).get(definition.remote_name)
        if pinned is None or pinned.pin != definition.pin:
            return False
        if pinned.trusted is not None:
            return pinned.trusted
        return definition.remote_name in config.trust or (ALL in config.trust and definition.says_read_only)

    def trust(self, server: str, definition: Definition, trusted: bool) -> None:
        """People looked at a tool as it is now, and say whether it only reads."""
        self._pins.setdefault(server, {})[definition.remote_name] = Pin(definition.pin, trusted)
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(f".{os.getpid()}.tmp")
            beside.write_bytes(msgspec.json.encode(self._pins))
            beside.replace(self._path)
        except OSError as error:
            log.warning("What is trusted of MCP servers could not be kept: %s", error)
