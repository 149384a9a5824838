"""What strangers say of their tools is made fit to be shown, checked and remembered."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_copilot.core.json_schema import schema_problem
from jupyter_copilot.tools.mcp.definitions import Definition, define, distinct, simplified


def defined(name: str = "tool", description: str = "Does it.", schema: Any = None) -> Definition:
    return define("git", name, description, schema or {"type": "object"}, read_only=False, idempotent=False)


@pytest.mark.parametrize(
    ("remote", "name"),
    [("status", "git__status"), ("a b/c", "git__a_b_c"), ("", "git__tool"), ("ü", "git___")],
)
def test_names_are_those_that_models_take(remote: str, name: str) -> None:
    assert defined(remote).name == name


def test_long_names_are_cut_and_still_told_apart() -> None:
    names = [defined("x" * 80 + str(n)).name for n in range(20)]
    assert len(set(names)) == 20 and all(len(name) <= 64 for name in names)


def test_names_that_became_the_same_are_told_apart_and_the_order_is_stable() -> None:
    tools = [defined("a b"), defined("a_b"), defined("0")]
    names = [each.name for each in distinct(tools)]
    assert len(set(names)) == 3 and names == sorted(names)
    assert names == [each.name for each in distinct(tools[::-1])]


def test_descriptions_are_bounded_and_never_empty() -> None:
    assert len(defined(description="x" * 100_000).description) == 2_000
    assert "tool of the server" in defined(description="  ").description.replace("tool tool", "tool")


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {"type": "array"},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
        {"type": "object", "patternProperties": {"(a+)+$": {}}},
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"a": {"$ref": "#/$defs/a"}}},
        {"type": "object", "properties": {"a": {"$ref": "http://evil.example/schema"}}},
        {"type": "object", "properties": {"a": {"type": "no such type"}}},
        {"type": "object", "required": "all"},
        {"type": "object", "properties": {"a": {"enum": ["x" * 1_000_000]}}},
    ],
)
def test_hostile_schemas_become_ones_that_can_be_checked(schema: Any) -> None:
    found = defined(schema=schema).parameters
    assert found["type"] == "object" and schema_problem(found) is None


def test_references_within_a_schema_are_put_in() -> None:
    schema = {
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "number"}}}},
        "type": "object",
        "properties": {"pattern": {"type": "string"}, "at": {"$ref": "#/$defs/Point"}},
        "required": ["at"],
    }
    assert simplified(schema) == {
        "type": "object",
        "properties": {
            "pattern": {"type": "string"},
            "at": {"type": "object", "properties": {"x": {"type": "number"}}},
        },
        "required": ["at"],
    }


@pytest.mark.parametrize(
    "changed",
    [defined("other"), defined(description="Does it!"), defined(schema={"type": "object", "properties": {"a": {}}})],
)
def test_a_change_of_name_description_or_schema_changes_the_pin(changed: Definition) -> None:
    assert changed.pin != defined().pin and defined().pin == defined().pin
