"""Tools in fewer words."""

from __future__ import annotations

from jupyter_copilot import protocol as p
from jupyter_copilot.core.model_context.short_tools import MOST_CHARS, short_tools
from jupyter_copilot.core.model_context.tokens import estimate_tokens
from jupyter_copilot.tools.registry import ToolRegistry, built_in_tools


def test_every_tool_and_argument_is_there_still_in_much_fewer_words() -> None:
    whole = ToolRegistry(built_in_tools()).definitions()
    short = short_tools(whole)
    for before, after in zip(whole, short, strict=True):
        old, new = before["function"], after["function"]
        assert new["name"] == old["name"] and 0 < len(new["description"]) <= MOST_CHARS
        assert new["parameters"].get("required") == old["parameters"].get("required")
        assert new["parameters"]["properties"].keys() == old["parameters"]["properties"].keys()
    sizes = [estimate_tokens(p.encode(tools).decode()) for tools in (whole, short)]
    assert sizes[1] < 0.85 * sizes[0]


def test_a_property_that_is_called_description_stays_one() -> None:
    schema = {"type": "object", "properties": {"description": {"type": "string", "description": "What. More."}}}
    function = {"name": "x", "description": "A b. C d.", "parameters": schema}
    (tool,) = short_tools([{"type": "function", "function": function}])
    assert tool["function"]["description"] == "A b"
    assert tool["function"]["parameters"]["properties"] == {"description": {"type": "string"}}


def test_what_an_arguments_name_says_is_not_said_again() -> None:
    url = {"type": "string", "description": "Its address."}
    schema = {"type": "object", "properties": {"url": url, "to": {**url, "description": "Where the page is put then."}}}
    (tool,) = short_tools([{"type": "function", "function": {"name": "x", "description": "A.", "parameters": schema}}])
    described = tool["function"]["parameters"]["properties"]
    assert tool["function"]["description"] == "A" and described["url"] == {"type": "string"}
    assert described["to"]["description"] == "Where the page is put then"
