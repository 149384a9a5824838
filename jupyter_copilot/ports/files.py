"""Which of the server's files tools may read."""

from __future__ import annotations

from msgspec import Struct


class FileRules(Struct, frozen=True, kw_only=True):
    """What stays closed below the root: hidden files unless `allow_hidden`, names that fit one of `hide_globs`, and
    the absolute paths in `closed`: folders with all that is in them, and files with all whose names begin like theirs.
    """

    allow_hidden: bool = False
    hide_globs: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
