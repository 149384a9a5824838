"""The ids of cells, out of what models write in their place."""

from __future__ import annotations

import re
from typing import Any

_ONE = ("cell_id", "after")
_SEVERAL = "cell_ids"
_PLAIN = re.compile(r"[\w-]+")
_LABELLED = re.compile(r"(?:\b|_)id\W?\s*[=:]\s*[\"'`]?([\w-]+)")
_VERSION = re.compile(r"\bversion\W?\s*[=:]\s*[\"'`]?([\w-]+)")
_HEADED = re.compile(r"\[?(?:cell )?\d+ \[?([\w-]+)\]?(?: (?:markdown|raw|run|not run|error|stale|running)\b.*)?\]?")
_AROUND = " \t\n[](){}<>\"'`#,."


def with_plain_ids(args: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the ids in `cell_id`, `after` and `cell_ids` as the notebook has them.

    What models copy along is taken off: `id=c1`, `[c1]`, `cell c1` and a whole heading mean `c1`. No valid id reads so.
    """
    plain = {name: plain_id(value) if name in _ONE else value for name, value in args.items()}
    if isinstance(version := plain.get("expected_version"), str) and (told := _VERSION.search(version)):
        plain["expected_version"] = told[1]
    if _SEVERAL in plain:
        plain[_SEVERAL] = _ids(plain[_SEVERAL])
    return plain


def plain_id(value: Any) -> Any:
    """The id in a text; what is no text stays."""
    if not isinstance(value, str) or _PLAIN.fullmatch(value):
        return value
    headed = _HEADED.fullmatch(value.strip())
    if headed:
        return headed[1]
    labelled = _LABELLED.search(value)
    if labelled:
        return labelled[1]
    bare = value.strip(_AROUND)
    return re.sub(r"(?i)^cell[\s#:]+", "", bare).strip(_AROUND)


def _ids(value: Any) -> Any:
    if isinstance(value, list):
        return [plain_id(each) for each in value]
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [plain_id(each) for each in value.split(",")]
    return value
