"""Text files as tools write them: whole or not at all, and never over what somebody changed meanwhile."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from msgspec import Struct

from ....ports.tool import ToolContext
from ....protocol.errors import ToolError
from ...render.data import quoted
from ..served_files import MAX_BYTES, ServedFiles, size_of

ABSENT = "absent"
"""The version of a file that there is not."""


class TextFile(Struct, frozen=True, kw_only=True):
    """A file below the root, by the path that people know; `text` is None where there is none yet."""

    path: str
    text: str | None

    @property
    def version(self) -> str:
        """A digest of its text."""
        return ABSENT if self.text is None else hashlib.sha256(self.text.encode()).hexdigest()[:12]


def text_file(path: str, context: ToolContext) -> TextFile:
    """The file as calls before this one will leave it; blocking. Raises `ToolError` for what is not to be written."""
    served = ServedFiles(context.root, context.files)
    place = served.place(path)
    name = served.name(place)
    if name in context.written_ahead:
        return TextFile(path=name, text=context.written_ahead[name])
    if not place.exists():
        return TextFile(path=name, text=None)
    try:
        text = served.read(path).decode()
    except UnicodeDecodeError:
        raise ToolError(f"{quoted(name)} is no text in UTF-8.", hint="It is changed by code only.") from None
    if "\0" in text:
        raise ToolError(f"{quoted(name)} is no text.", hint="It is changed by code only.")
    return TextFile(path=name, text=text)


def write(path: str, text: str, version: str, context: ToolContext) -> None:
    """Put the text into the file, if that is of this version still; blocking.

    A new file never takes the place of another one. Raises `ToolError`, and has written nothing then.
    """
    content = text.encode()
    if len(content) > MAX_BYTES:
        raise ToolError(f"The text is too large ({size_of(len(content))}).", hint="Write it with code in a cell.")
    found = text_file(path, context)
    if found.version != version:
        what = "is there already" if version == ABSENT else "changed since it was read"
        raise ToolError(f"{quoted(found.path)} {what}.", hint="Read it, then propose the change anew.", code="stale")
    place = ServedFiles(context.root, context.files).place(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _put(place, content, is_new=version == ABSENT)
    except OSError as error:
        problem = f"{quoted(found.path)} cannot be written: {error.strerror}."
        raise ToolError(problem, hint="Ask people about it.") from error


def _put(place: Path, content: bytes, *, is_new: bool) -> None:
    if is_new:
        _write_new(place, content)
        return
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}.tmp")
    _write_new(beside, content)
    try:
        os.chmod(beside, os.stat(place).st_mode & 0o7777)
        os.replace(beside, place)
    except OSError:
        beside.unlink()
        raise


def _write_new(place: Path, content: bytes) -> None:
    """Write a file that there is not yet, and follow no link that came to stand there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(place, flags, 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
