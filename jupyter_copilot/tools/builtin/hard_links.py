"""The other names of a file: a hard link says nothing of where it leads, but the file is the same one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from .secret_files import FOLDERS, is_secret_path

MOST_ENTRIES = 200_000
"""Files and folders below the root that are looked through, nearest to the top first: about a second."""
MOST_OF_A_FOLDER = 10_000
"""Files of a folder of keys in the home directory that are looked through."""

Identity = tuple[int, int]
"""A file's device and its number there."""


def names_below(root: Path, identity: Identity, count: int) -> Iterator[Path]:
    """Yield the names below the root of a file that has `count` names in all; blocking.

    Those outside of it, and those in a part of a very large root that is not reached, are not found.
    """
    folders, left = deque([str(root)]), MOST_ENTRIES
    while folders and left > 0:
        for entry in _entries(folders.popleft()):
            left -= 1
            if entry.inode() == identity[1] and is_same(entry.path, identity):
                yield Path(entry.path)
                count -= 1
                if count == 0:
                    return
            elif _is_folder(entry):
                folders.append(entry.path)


def secrets_of_the_home() -> Iterator[str]:
    """Yield the files in the home directory of the server's user that hold keys by their name or folder; blocking."""
    home = os.path.expanduser("~")
    for entry in _entries(home):
        if _is_folder(entry):
            if entry.name.casefold() in FOLDERS:
                yield from _below(entry.path)
        elif is_secret_path((entry.name,)):
            yield entry.path


def is_same(path: str, identity: Identity) -> bool:
    """Whether this is a name of that file; a symbolic link is not."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity


def _below(folder: str) -> Iterator[str]:
    folders, left = deque([folder]), MOST_OF_A_FOLDER
    while folders and left > 0:
        for entry in _entries(folders.popleft()):
            left -= 1
            if _is_folder(entry):
                folders.append(entry.path)
            else:
                yield entry.path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # it is gone, or not ours
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
