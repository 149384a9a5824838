"""JSON schemas of forms: which are accepted, and whether a value fits one.

Schemas come from models and kernels, and values from sockets: nothing is fetched, and what could take unbounded time
(regular expressions, deep recursion) is refused.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..protocol import MAX_ARGS_BYTES, JsonObject

_REFUSED = frozenset({"pattern", "patternProperties", "$ref", "$dynamicRef", "$recursiveRef"})
_MAX_DEPTH = 12


def schema_problem(schema: JsonObject) -> str | None:
    """Why a schema is not accepted, in a sentence, or None when it is."""
    if len(msgspec.json.encode(schema)) > MAX_ARGS_BYTES:
        return f"The schema is larger than {MAX_ARGS_BYTES} bytes."
    refused = _refused_keyword(schema, 0)
    if refused is not None:
        return refused
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"The schema is not valid: {error.message}."
    return None


def value_problem(schema: JsonObject, value: Any) -> str | None:
    """Why a value does not fit a schema, in a sentence that names the place, or None when it fits.

    A schema that is not accepted fits nothing.
    """
    problem = schema_problem(schema)
    if problem is not None:
        return problem
    from jsonschema import Draft202012Validator

    error = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    if error is None:
        return None
    place = ".".join(str(part) for part in error.absolute_path)
    return f"{place}: {error.message}" if place else str(error.message)


def _refused_keyword(value: object, depth: int) -> str | None:
    """The first keyword that could make checking a value unbounded, skipping over names of properties."""
    if depth > _MAX_DEPTH:
        return f"The schema is nested deeper than {_MAX_DEPTH} levels."
    if isinstance(value, list):
        return next(filter(None, (_refused_keyword(item, depth + 1) for item in value)), None)
    if not isinstance(value, dict):
        return None
    for key, item in value.items():
        if key in _REFUSED:
            return f"The schema uses {key!r}, which is not supported here."
        if key in ("enum", "const", "default", "examples"):
            continue
        children = item.values() if key in ("properties", "$defs", "definitions") and isinstance(item, dict) else [item]
        for child in children:
            found = _refused_keyword(child, depth + 1)
            if found is not None:
                return found
    return None
