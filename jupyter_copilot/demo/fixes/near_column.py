"""KeyError, or AttributeError of a data frame: a column is called almost like that."""

from __future__ import annotations

import re

from ..names import near
from .case import Case, Fix, quoted_name


def near_column(case: Case) -> Fix | None:
    """Use the name that the column has."""
    name = _wrong_name(case)
    meant = near(name, case.columns) if name is not None else None
    if name is None or meant is None:
        return None
    # As a string, or as an attribute: df["flipper_length"], df.flipper_length.
    as_text = re.sub(rf"""(['"]){re.escape(name)}\1""", lambda m: f"{m[1]}{meant}{m[1]}", case.source)
    source = re.sub(rf"(?<=\w)\.{re.escape(name)}\b(?!\()", f".{meant}", as_text)
    if source == case.source:
        return None
    return Fix(why=f"There is no column `{name}`; it is called `{meant}`.", source=source)


def _wrong_name(case: Case) -> str | None:
    if case.trouble.name == "KeyError":
        # KeyError: 'a' · "['a'] not in index" · 'Column not found: a'
        found = re.search(r"Column not found: (\w+)|\[?['\"]([^'\"\[\]]+)['\"]", case.trouble.value)
        return (found[1] or found[2]).removeprefix("Column not found: ") if found else None
    if case.trouble.name == "AttributeError" and "DataFrame" in case.trouble.value:
        return quoted_name(case.trouble.value.partition("attribute")[2])
    return None
