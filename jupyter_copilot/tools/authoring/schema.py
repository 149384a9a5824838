"""From typed arguments to a JSON Schema that every model server takes, and from a model's arguments to typed ones."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ...protocol import JsonObject
from ...protocol.errors import ToolError

if TYPE_CHECKING:
    from jsonschema import ValidationError

A = TypeVar("A")


def schema_of(arguments: type[Any]) -> JsonObject:
    """The JSON Schema of a struct, without `$ref`, `anyOf` for None, titles and defaults of None.

    Grammar-building servers such as llama.cpp refuse rich schemas; this keeps to the part that all of them take.
    """
    (schema,), parts = msgspec.json.schema_components([arguments], ref_template="{name}")
    inlined = _inline(schema, parts, ())
    return {key: value for key, value in inlined.items() if key != "description"}


def decode(arguments: type[A], args: dict[str, Any], schema: JsonObject, tool: str) -> A:
    """The model's arguments as a struct. Raises `ToolError`, which names each wrong argument and what it should be."""
    mended = _mend(args, schema)
    try:
        return msgspec.convert(mended, arguments, strict=False)
    except msgspec.ValidationError as error:
        raise explain(mended, schema, tool, str(error)) from error


def explain(args: dict[str, Any], schema: JsonObject, tool: str, otherwise: str) -> ToolError:
    """What is wrong with the arguments, in words for the model; `otherwise` is said if the schema finds nothing."""
    from jsonschema import Draft202012Validator  # slow to import, and most arguments fit

    errors = Draft202012Validator(schema).iter_errors(args)
    problems = list(dict.fromkeys(problem for error in errors for problem in _problems(error))) or [otherwise]
    hint = f"Call {tool} again with: {_signature(schema)}."
    return ToolError(f"The arguments of {tool} do not fit: {'; '.join(problems[:6])}.", hint=hint, code="invalid_args")


def _inline(node: Any, parts: dict[str, Any], inside: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(item, parts, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"]
        if name in inside:
            raise TypeError(f"{name} contains itself; arguments of a tool cannot be recursive.")
        described = {key: value for key, value in node.items() if key != "$ref"}
        return {**_inline(parts[name], parts, (*inside, name)), **described}
    inlined = {key: _inline(value, parts, inside) for key, value in node.items() if key not in ("title", "properties")}
    if "properties" in node:
        # Here the keys are names of arguments, and one of them may be "title".
        inlined["properties"] = {name: _inline(value, parts, inside) for name, value in node["properties"].items()}
    if "enum" in inlined and all(isinstance(choice, str) for choice in inlined["enum"]):
        inlined = {"type": "string", **inlined}  # Gemini asks for it
    return _without_none(inlined)


def _without_none(node: JsonObject) -> JsonObject:
    """`anyOf` with null becomes a list of types, or nothing where null only stands for an argument left out."""
    choices = node.get("anyOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices or len(choices) != 2:
        return node
    (choice,) = (choice for choice in choices if choice != {"type": "null"})
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    if "default" in rest and rest["default"] is None:
        del rest["default"]
        return {**rest, **choice}
    return {**rest, **choice, "type": [choice["type"], "null"]} if "type" in choice else node


def _mend(value: Any, schema: JsonObject) -> Any:
    """Undo what models get wrong without leaving a doubt: null for "left out", JSON in a string, a number as an id."""
    if type(value) is int and schema.get("type") in ("string", ["string", "null"]):
        return str(value)
    if isinstance(value, str) and schema.get("type") in ("array", "object"):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, list):
        return [_mend(item, schema.get("items", {})) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return {
            name: _mend(item, properties.get(name, {}))
            for name, item in value.items()
            if item is not None or "null" in properties.get(name, {}).get("type", ())
        }
    return value


def _problems(error: ValidationError) -> Iterator[str]:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    properties = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    place = f" in {where}" if where else ""
    wanted: Any = error.validator_value
    found: Any = error.instance
    if error.validator == "required":
        for name in wanted:
            if name not in found:
                yield f"`{name}` is missing{place}"
    elif error.validator == "additionalProperties":
        for name in found:
            if name not in properties:
                yield f"there is no argument `{name}`{place}{_near(name, properties)}"
    elif error.validator == "type":
        yield f"`{where}` must be {' or '.join([wanted] if isinstance(wanted, str) else wanted)}"
    elif error.validator == "enum":
        yield f"`{where}` must be one of {', '.join(map(str, wanted))}"
    else:
        yield f"`{where}`: {error.message}"


def _near(name: str, known: Any) -> str:
    matches = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean `{matches[0]}`?)" if matches else ""


def _signature(schema: JsonObject) -> str:
    required = schema.get("required", [])
    names = [name if name in required else f"{name} (optional)" for name in schema.get("properties", {})]
    return ", ".join(names) or "no arguments"
