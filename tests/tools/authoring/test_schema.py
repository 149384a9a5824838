"""The schemas that models get, and how arguments that do not fit are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct

from jupyter_copilot.core.json_schema import schema_problem
from jupyter_copilot.protocol.errors import ToolError
from jupyter_copilot.tools.authoring.arguments import Arguments
from jupyter_copilot.tools.authoring.schema import decode, for_models, schema_of
from jupyter_copilot.tools.builtin.editing import EditCellArgs

from ..bench import TOOLS

SIGNATURES = {
    "read_notebook": "start? limit?",
    "read_cell": "cell_id include_images?",
    "search": "query where? regex?",
    "search_notebook": "query regex?",
    "kernel_state": "",
    "get_docs": "name",
    "evaluate": "code",
    "install_packages": "packages",
    "web_fetch": "url start?",
    "inspect_variables": "",
    "inspect_variable": "name",
    "read_file": "path start_line? limit?",
    "read_skill": "name",
    "list_files": "path?",
    "edit_file": "path old_text new_text",
    "create_file": "path text",
    "create_notebook": "path cells?",
    "insert_cell": "after source cell_type?",
    "edit_cell": "cell_id expected_version? old_text? new_text? source?",
    "delete_cell": "cell_id expected_version?",
    "move_cell": "cell_id after",
    "set_cell_type": "cell_id expected_version? cell_type",
    "edit_notebook": "changes",
    "run_cell": "cell_id timeout_s?",
    "change_notebook": "changes? run? restart?",
    "run_cells": "cell_ids? restart? stop_on_error? timeout_s?",
    "insert_and_run": "after source",
    "edit_and_run": "cell_id expected_version? old_text? new_text? source?",
    "restart_kernel": "",
    "interrupt_kernel": "",
    "ask_user": "question schema? options?",
    "set_plan": "checklist",
    "propose_plan": "title steps",
}
EFFECTS = {
    "read": "read_notebook read_cell search kernel_state inspect_variable get_docs read_file list_files "
    "read_skill ask_user set_plan propose_plan search_notebook inspect_variables",
    "edit": "insert_cell edit_cell delete_cell move_cell set_cell_type edit_notebook",
    "execute": "change_notebook run_cells evaluate install_packages web_fetch edit_file create_file create_notebook "
    "run_cell insert_and_run edit_and_run restart_kernel interrupt_kernel",
}


def test_names_and_arguments_are_those_that_models_and_the_demo_rely_on() -> None:
    found = {}
    for tool in TOOLS:
        required = tool.parameters.get("required", [])
        names = tool.parameters.get("properties", {})
        found[tool.name] = " ".join(name if name in required else f"{name}?" for name in names)
    assert found == SIGNATURES


def test_effects_say_what_needs_a_confirmation() -> None:
    found: dict[str, list[str]] = {}
    for tool in TOOLS:
        found.setdefault(tool.effect, []).append(tool.name)
    assert found == {effect: names.split() for effect, names in EFFECTS.items()}


@pytest.mark.parametrize("name", SIGNATURES)
def test_schemas_are_valid_closed_described_and_simple(name: str) -> None:
    schema = TOOLS.find(name).parameters
    Draft202012Validator.check_schema(schema)
    assert schema_problem(schema) is None
    for node in _nodes(schema):
        assert not node.keys() & {"$ref", "$defs", "anyOf", "oneOf", "allOf", "title", "pattern", "format"}
        if "properties" in node:
            assert node["additionalProperties"] is False
            for argument, described in node["properties"].items():
                assert "type" in described, argument
                assert described.get("description") or described.get("enum"), argument


def test_models_are_told_no_limits_that_only_we_check() -> None:
    told = {each["function"]["name"]: each["function"]["parameters"] for each in TOOLS.definitions()}
    assert told["list_files"] == {
        "type": "object",
        "properties": {"path": {"type": "string", "description": "The folder; empty for the top one."}},
    }
    assert told["read_file"]["required"] == ["path"]
    assert told["read_file"]["properties"]["limit"]["default"] == 500
    change = told["change_notebook"]["properties"]["changes"]["items"]
    assert change["required"] == ["action"] and "maxItems" not in str(told) and "additional" not in str(told)


def test_definitions_are_the_same_each_time() -> None:
    assert TOOLS.definitions() == TOOLS.definitions()
    assert TOOLS.definitions()[0]["function"].keys() == {"name", "description", "parameters"}


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part."""

    title: str
    size: float | None = None


class Args(Arguments, frozen=True, kw_only=True):
    """Arguments."""

    parts: Annotated[list[Part], Meta(description="Parts.")]
    place: str | None
    count: Annotated[int, Meta(ge=1)] = 1
    free: dict[str, Any] | None = None


SCHEMA = schema_of(Args)


def test_structs_inside_are_inlined_and_none_is_spelt_out() -> None:
    properties = SCHEMA["properties"]
    assert properties["parts"]["items"]["properties"] == {"title": {"type": "string"}, "size": {"type": "number"}}
    assert properties["place"] == {"type": ["string", "null"]}
    assert properties["free"] == {"type": "object"}
    assert SCHEMA["required"] == ["parts", "place"]


def test_models_are_told_one_type_of_each_value() -> None:
    told = for_models({"type": "object", "properties": {"type": {"type": ["string", "null"]}, "n": {"items": SCHEMA}}})
    assert told["properties"]["type"] == {"type": "string"}
    assert told["properties"]["n"]["items"]["properties"]["place"] == {"type": "string"}
    assert for_models({"type": ["string", "integer", "null"]}) == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert SCHEMA["properties"]["place"] == {"type": ["string", "null"]}, "values are checked as before"


def test_null_stands_for_an_argument_left_out() -> None:
    assert decode(Args, {"parts": [], "place": "x", "count": None}, SCHEMA, "tool").count == 1


def test_arguments_that_contain_themselves_are_refused() -> None:
    with pytest.raises(TypeError, match="contains itself"):
        schema_of(Tree)


class Tree(Struct):
    """A tree."""

    children: list[Tree]


def test_what_models_get_wrong_without_doubt_is_mended() -> None:
    args = {"parts": '[{"title": 7, "size": null}]', "place": None, "count": "3", "free": {"keep": None}}
    assert decode(Args, args, SCHEMA, "tool") == Args(parts=[Part(title="7")], place=None, count=3, free={"keep": None})


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"place": "x"}, "`parts` is missing"),
        ({"parts": [{}], "place": "x"}, "`title` is missing in parts[0]"),
        ({"parts": [], "plce": "x", "place": None}, "there is no argument `plce` (did you mean `place`?)"),
        ({"parts": [], "place": "x", "count": 0}, "`count`: 0 is less than the minimum of 1"),
        ({"parts": [], "place": "x", "count": "many"}, "`count` must be integer"),
        ({"parts": "none", "place": "x"}, "`parts` must be array"),
        ({"parts": [], "place": []}, "`place` must be string or null"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_wrong_argument_is_named_with_what_it_should_be(args: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolError) as caught:
        decode(Args, args, SCHEMA, "tool")
    assert told in caught.value.message
    assert caught.value.hint == "Call tool again with: parts, place, count (optional), free (optional)."
    assert caught.value.code == "invalid_args"


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Each schema inside of a schema; names of properties are no keywords."""
    yield schema
    for child in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _nodes(child)


def test_what_is_for_forms_alone_is_not_told_to_models() -> None:
    schema = schema_of(EditCellArgs)
    assert schema["properties"]["source"]["contentMediaType"] == "text/plain"
    assert "contentMediaType" not in str(for_models(schema))
    named = for_models({"type": "object", "properties": {"contentMediaType": {"type": "string"}}})
    assert "contentMediaType" in named["properties"]
