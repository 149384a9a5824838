"""What SQLite reports, told to people: what happened, and what to do about it."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path
from typing import NamedTuple

from ...protocol.errors import StoreCorrupt, StoreError, StoreUnavailable


class _Fault(NamedTuple):
    symptom: str
    message: str
    hint: str
    damage: bool = False


_ELSEWHERE = "or set JUPYTER_COPILOT_STORE to a file that can"

# Python 3.10 does not tell SQLite's error codes; SQLite's texts for them have been the same for two decades.
_FULL = _Fault("is full", "The disk is full", "Free some space, then send it again; nothing acknowledged was lost.")
_MAY_BE_FULL = ("disk I/O error", "unable to open")
"""What SQLite says too when it cannot make the files beside the store, as on a full disk."""
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
ROOM_BYTES = 64 * 1024
_FAULTS = (
    _FULL,
    _Fault(
        "locked", "Another program keeps it locked", "Close what else has it open (a backup, a browser), try again."
    ),
    _Fault("readonly", "It is read-only", f"Make the file and its folder writable, {_ELSEWHERE} be written."),
    _Fault("unable to open", "It cannot be opened", f"Check that its folder may be used, {_ELSEWHERE} be opened."),
    _Fault("disk I/O error", "The disk reports an error", f"Check the disk and its mount, {_ELSEWHERE} be used."),
    _Fault("locking protocol", "Its disk cannot lock files", f"Use a local disk, {_ELSEWHERE} be locked."),
    _Fault("malformed", "It is damaged", "It is kept under a new name, and a fresh store is started.", damage=True),
    _Fault(
        "not a database", "It is no database", "It is kept under a new name, and a fresh store is started.", damage=True
    ),
)


def _fault(error: Exception) -> _Fault | None:
    text = str(error) if isinstance(error, sqlite3.Error) else ""
    return next((fault for fault in _FAULTS if fault.symptom in text), None)


def _is_full(path: Path) -> bool:
    """Whether the store's disk has no room for a commit."""
    try:
        return shutil.disk_usage(path.parent).free < ROOM_BYTES
    except OSError:
        return False


def is_damage(error: Exception) -> bool:
    """Whether the error says that the file itself is damaged, so that nothing in it can be relied on."""
    fault = _fault(error)
    return fault is not None and fault.damage


def explain(error: Exception, path: Path) -> Exception:
    """The `StoreError` that tells people what an error of SQLite means; any other error as it is."""
    if isinstance(error, OSError):
        is_full = error.errno in _NO_ROOM or _is_full(path)
        fault = _FULL if is_full else _Fault("", error.strerror or str(error), f"Make it writable, {_ELSEWHERE} be.")
        return StoreUnavailable(f"The copilot's store {path} cannot be used. {fault.message}.", hint=fault.hint)
    if isinstance(error, sqlite3.IntegrityError):
        return StoreCorrupt(f"The copilot's store {path} contradicts itself: {error}.", hint=_DOCTOR)
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, sqlite3.ProgrammingError):
        return error
    fault = _fault(error) or _Fault("", f"SQLite says: {error}", _DOCTOR)
    if not fault.damage and fault.symptom in _MAY_BE_FULL and _is_full(path):
        fault = _FULL
    kind: type[StoreError] = StoreCorrupt if fault.damage else StoreUnavailable
    return kind(f"The copilot's store {path} cannot be used. {fault.message}.", hint=fault.hint)


_DOCTOR = "`jupyter copilot doctor` checks the store."
