"""A small model gets eight plain tools, and what people added of their own."""

from __future__ import annotations

from jupyter_copilot.protocol import JsonObject
from jupyter_copilot.tools.small_profile import small_profile

from .bench import TOOLS

FOREIGN: JsonObject = {"type": "function", "function": {"name": "mcp_lookup", "description": "d", "parameters": {}}}
FEW = ["read_cell", "search", "inspect_variable", "edit_cell", "insert_cell", "run_cells", "evaluate", "ask_user"]


def names(definitions: list[JsonObject]) -> list[str]:
    return [str(each["function"]["name"]) for each in definitions]


def test_it_has_eight_of_the_built_in_tools_and_all_of_others() -> None:
    definitions = small_profile([*TOOLS.definitions(), FOREIGN], TOOLS.get, planning=False)
    assert names(definitions) == [*FEW, "read_skill", "mcp_lookup"]


def test_in_plan_mode_a_plan_can_be_put_before_people() -> None:
    assert "propose_plan" in names(small_profile(TOOLS.definitions(), TOOLS.get, planning=True))


def test_no_argument_stands_for_another_and_none_is_a_version() -> None:
    for definition in small_profile(TOOLS.definitions(), TOOLS.get, planning=False)[: len(FEW)]:
        parameters = definition["function"]["parameters"]
        assert set(parameters["required"]) <= set(parameters["properties"]), definition
        assert not {"old_text", "expected_version", "schema"} & set(parameters["properties"])
        assert all("anyOf" not in each for each in parameters["properties"].values())
