"""FileNotFoundError: there is a file with almost this name."""

from __future__ import annotations

import difflib
import posixpath

from .case import Case, Fix, quoted_name


def near_file(case: Case) -> Fix | None:
    """Read the file that exists."""
    name = quoted_name(case.trouble.value) if case.trouble.name == "FileNotFoundError" else None
    if name is None or name not in case.source:
        return None
    by_base = {posixpath.basename(path): path for path in reversed(case.files)}
    base = posixpath.basename(name)
    meant = by_base.get(base) or next(
        (by_base[found] for found in difflib.get_close_matches(base, list(by_base), n=1, cutoff=0.6)), None
    )
    if meant is None or meant == name:
        return None
    return Fix(why=f"There is no file `{name}`, but there is `{meant}`.", source=case.source.replace(name, meant))
