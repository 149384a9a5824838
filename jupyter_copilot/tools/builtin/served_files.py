"""The files that the server serves: below its root, not hidden, without secrets, and of a size that can be read."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import stat
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from jupyter_core.paths import is_hidden
from msgspec import Struct

from ...ports.files import FileRules
from ...protocol.errors import ToolError
from ..render.data import quoted
from .hard_links import is_same, names_below, secrets_of_the_home
from .secret_files import holds_private_key, is_secret_path

MAX_BYTES = 10 << 20
_PACKAGES = frozenset({"site-packages", "dist-packages", "node_modules"})
"""Folders whose files have names in hidden caches too, as package managers link what they install."""


class FileEntry(Struct, frozen=True, kw_only=True):
    """A file or folder of a listing; `size` is in bytes, None for a folder."""

    name: str
    size: int | None


class ServedFiles:
    """Files below a root as Jupyter shows them; blocking, so callers use a thread.

    Whatever a path says, and wherever a link leads: what is read lies below the root, is not hidden, is not Jupyter's
    or the copilot's own, and holds no keys. Methods raise `ToolError` in words for the model.
    """

    def __init__(self, root: str, rules: FileRules) -> None:
        if not root or not os.path.isdir(root):
            raise ToolError("This server's files cannot be reached.", hint="Read them with code in a cell.")
        self._root = Path(root).resolve()
        self._rules = rules
        self._closed = {identity for path in rules.closed if (identity := _identity(path)) is not None}

    def read(self, path: str) -> bytes:
        """The content of a file of at most `MAX_BYTES`."""
        found = self._find(path)
        # Not to follow and not to wait: the file may be exchanged for a link or a pipe after it was found.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(found, flags), "rb") as file:
                status = os.fstat(file.fileno())
                if stat.S_ISDIR(status.st_mode):
                    raise ToolError(f"{quoted(path)} is a folder.", hint="Use list_files.")
                if not stat.S_ISREG(status.st_mode):
                    raise ToolError(f"{quoted(path)} is not a regular file.", hint="It cannot be read.")
                if status.st_size > MAX_BYTES:
                    hint = f"Files up to {size_of(MAX_BYTES)} can be read; read a part of it with code in a cell."
                    raise ToolError(f"{quoted(path)} is too large ({size_of(status.st_size)}).", hint=hint)
                if status.st_nlink > 1:
                    self._check_other_names(found, status)
                content = file.read(MAX_BYTES)
        except IsADirectoryError:
            raise ToolError(f"{quoted(path)} is a folder.", hint="Use list_files.") from None
        except OSError as error:
            raise ToolError(f"{quoted(path)} cannot be read: {error.strerror}.", hint="Ask people about it.") from error
        if holds_private_key(content):
            raise _secret()
        return content

    def list(self, path: str) -> list[FileEntry]:
        """What is in a folder, by name."""
        found = self._find(path)
        if not found.is_dir():
            raise ToolError(f"{quoted(path)} is a file.", hint="Use read_file.")
        return sorted(self._entries(found), key=lambda entry: entry.name)

    def _entries(self, folder: Path) -> Iterator[FileEntry]:
        try:
            children = list(folder.iterdir())
        except OSError as error:
            raise ToolError(f"The folder cannot be read: {error.strerror}.", hint="Ask people about it.") from error
        for child in children:
            try:
                real = self._allowed(child)
                size = None if real.is_dir() else real.stat().st_size
            except (ToolError, OSError):
                continue
            yield FileEntry(name=child.name, size=size)

    def real(self, path: str) -> Path:
        """Where a path of a file or folder leads."""
        return self._find(path)

    def place(self, path: str) -> Path:
        """Where a file of this path may be written: where it is, or will be. Its folder need not exist."""
        try:
            real = self._allowed(self._asked(path))
            if real == self._root or real.is_dir():
                raise ToolError(f"{quoted(path)} is a folder.", hint="Name a file in it.")
        except (OSError, ValueError, RuntimeError) as error:
            raise ToolError(f"{quoted(path)} is not a path of this server.", hint="Use list_files.") from error
        return real

    def name(self, place: Path) -> str:
        """The path of a place from the root, as people know it."""
        return place.relative_to(self._root).as_posix()

    def _asked(self, path: str) -> Path:
        absolute = Path(path)
        inside = absolute.is_absolute() and absolute.is_relative_to(self._root)
        # A path of Jupyter's begins at the root, with or without a slash.
        return absolute if inside else self._root / path.lstrip("/")

    def _find(self, path: str) -> Path:
        try:
            asked = self._asked(path)
            real = self._allowed(asked)
            if not real.exists():
                raise ToolError(f"There is no file {quoted(path)}.", hint=self._near(asked))
        except (OSError, ValueError, RuntimeError) as error:
            raise ToolError(f"{quoted(path)} is not a path of this server.", hint="Use list_files.") from error
        return real

    def _allowed(self, asked: Path) -> Path:
        """Where the path leads. Raises `ToolError` when that, or the path itself, is outside of the root or closed."""
        lexical = Path(os.path.normpath(asked))
        real = asked.resolve()
        for place in (lexical, real):
            if not place.is_relative_to(self._root):
                raise ToolError("That is outside of the folder that this server serves.", hint="Use list_files.")
            parts = place.relative_to(self._root).parts
            self._check_names(place, parts)
            if self._is_closed(place):
                raise _closed()
        return real

    def _check_names(self, place: Path, parts: tuple[str, ...], *, even_hidden: bool = False) -> None:
        if not even_hidden and self._is_hidden(place, parts):
            raise _hidden()
        if is_secret_path(parts):
            raise _secret()

    def _is_hidden(self, place: Path, parts: tuple[str, ...]) -> bool:
        if not self._rules.allow_hidden and is_hidden(place, self._root):
            return True
        return any(fnmatch(part, glob) for part in parts for glob in self._rules.hide_globs)

    def _is_closed(self, place: Path) -> bool:
        """Whether a closed folder or file is on the way, compared as files: case and mounts make no difference."""
        if any(_identity(step) in self._closed for step in (place, *place.parents)):
            return True
        # Beside a database lie its log, its copies, and what was kept of a damaged one.
        files = [Path(os.path.realpath(path)) for path in self._rules.closed if not os.path.isdir(path)]
        return any(
            _identity(place.parent) == _identity(file.parent)
            and re.match(rf"{re.escape(file.name)}([-.~]|$)", place.name, re.IGNORECASE)
            for file in files
        )

    def _closed_files(self) -> set[tuple[int, int]]:
        """What is in the closed folders: a hard link elsewhere is the same file."""
        found = set(self._closed)
        for path in self._rules.closed:
            for folder, _, names in os.walk(path):
                for name in names:
                    with contextlib.suppress(OSError):
                        status = os.stat(os.path.join(folder, name), follow_symlinks=False)
                        found.add((status.st_dev, status.st_ino))
        return found

    def _check_other_names(self, place: Path, status: os.stat_result) -> None:
        """Raise `ToolError` when the file has another name, a hard link, under which it would not be read."""
        identity = (status.st_dev, status.st_ino)
        if identity in self._closed_files():
            raise _closed()
        if any(is_same(name, identity) for name in secrets_of_the_home()):
            raise _secret()
        of_a_package = not _PACKAGES.isdisjoint(place.relative_to(self._root).parts)
        for name in names_below(self._root, identity, status.st_nlink):
            self._check_names(name, name.relative_to(self._root).parts, even_hidden=of_a_package)

    def _near(self, asked: Path) -> str:
        names = [entry.name for entry in self._entries(asked.parent)] if asked.parent.is_dir() else []
        near = difflib.get_close_matches(asked.name, names, n=3)
        return f"Did you mean {', '.join(map(quoted, near))}?" if near else "Use list_files to see what there is."


def _identity(path: str | Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _hidden() -> ToolError:
    return ToolError("Hidden files are not shown.", hint="Ask people to share what you need of it.")


def _secret() -> ToolError:
    return ToolError(
        "Files with keys, passwords or tokens are not read.",
        hint="If it is none, ask people to paste what you need, or to give it another name.",
    )


def _closed() -> ToolError:
    return ToolError("Jupyter's own settings and data are not read.", hint="Ask people about it.")


def size_of(count: int) -> str:
    """A number of bytes in words."""
    if count < 1024:
        return f"{count} bytes"
    value, unit = count / 1024, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
