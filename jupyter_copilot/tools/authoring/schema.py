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

    Values are checked against it. Models are told `for_models` of it, the part that all servers take.
    """
    (schema,), parts = msgspec.json.schema_components([arguments], ref_template="{name}")
    inlined = _inline(schema, parts, ())
    return {key: value for key, value in inlined.items() if key != "description"}


def for_models(schema: JsonObject) -> JsonObject:
    """The schema without lists of types, which some servers cannot read (Ollama before April 2025, Gemini).

    A text that may be null is a text then: what stands for null is said in its description. What is for forms alone is
    left out.
    """
    plain = {
        key: {name: for_models(each) for name, each in value.items() if name not in UNTOLD}
        if key == "properties"
        else _for_models(value)
        for key, value in schema.items()
        if key != "contentMediaType"
    }
    types = plain.get("type")
    if isinstance(types, list):
        kept = [each for each in types if each != "null"]
        plain.pop("type")
        plain |= {"type": kept[0]} if len(kept) == 1 else {"anyOf": [{"type": each} for each in kept]}
    return plain


def without_limits(schema: Any) -> Any:
    """The schema without what only we check: limits, whether more is allowed, and defaults that say nothing.

    Each request carries it, and a model that exceeds a limit is told so.
    """
    if isinstance(schema, list):
        return [without_limits(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: {name: without_limits(each) for name, each in value.items()}
        if key == "properties"
        else without_limits(value)
        for key, value in schema.items()
        if key not in _LIMITS and (key, value) not in _IDLE
    }
    if "properties" in plain:
        plain.pop("description", None)  # its properties say more
    return plain


_LIMITS = frozenset(
    ("additionalProperties", "minLength", "maxLength", "minItems", "maxItems", "minimum", "exclusiveMinimum")
)
_IDLE: tuple[tuple[str, Any], ...] = (("default", []), ("default", False), ("default", ""), ("required", []))


def _for_models(value: Any) -> Any:
    if isinstance(value, list):
        return [_for_models(each) for each in value]
    return for_models(value) if isinstance(value, dict) else value


UNTOLD = frozenset({"expected_version"})
"""Arguments that records of earlier versions have, and that models are not asked for."""


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
    if type(value) is int and "string" in _types(schema):
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
        required = schema.get("required", ())
        return {
            name: _mend(item, properties.get(name, {}))
            for name, item in value.items()
            if not _left_out(item, properties.get(name), name in required) and not _remark(name, properties)
        }
    if isinstance(value, str) and "null" in _types(schema) and is_null_word(value):
        return None
    return value


def is_null_word(text: str) -> bool:
    """Whether a text is what models write for null."""
    return text.strip().lower() in ("null", "none", "undefined")


def _left_out(item: Any, schema: JsonObject | None, required: bool) -> bool:
    """Whether the value stands for an argument left out: null, or a blank where no text can stand."""
    if item is None:
        return "null" not in _types(schema or {})
    if required or schema is None or not isinstance(item, str) or item in schema.get("enum", ()):
        return False
    takes_text = "string" in _types(schema) and "enum" not in schema
    return not takes_text and (not item.strip() or is_null_word(item))


def _remark(name: str, properties: JsonObject) -> bool:
    """Whether the model explains itself in an argument that there is not."""
    return name in _REMARKS and name not in properties and bool(properties)


_REMARKS = frozenset(("reason", "reasoning", "explanation", "thought", "thoughts", "comment", "purpose", "rationale"))


def _types(schema: JsonObject) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


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
    names = [
        name if name in required else f"{name} (optional)"
        for name in schema.get("properties", {})
        if name not in UNTOLD
    ]
    return ", ".join(names) or "no arguments"
