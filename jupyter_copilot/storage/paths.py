"""What it means for a notebook to be at or below a path; the rules for every catalog."""

from __future__ import annotations


def is_below(path: str, folder: str) -> bool:
    """Whether the path is `folder` itself or in it, at any depth; `a/bc` is not below `a/b`."""
    return path == folder or path.startswith(folder + "/")


def moved(path: str, source: str, target: str) -> str:
    """What becomes of a path at or below `source` when that is moved to `target`."""
    return target + path[len(source) :]
