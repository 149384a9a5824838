"""Functions as tools: annotations become the schema, the docstring the description."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pandas as pd
import pytest
from msgspec import Meta

from jupyter_copilot.protocol import CallResult, Image
from jupyter_copilot.protocol.errors import KernelError, ToolError
from jupyter_copilot.tools import ToolContext, tool
from jupyter_copilot.tools.authoring.docstrings import read_docstring
from jupyter_copilot.tools.authoring.functions import MAX_RESULT, FunctionTool

from ..bench import Bench


@dataclass
class Box:
    """A part of the map."""

    west: float
    east: float


@tool(effect="read")
def stations(
    species: Annotated[str, "Latin or English"],
    box: Box,
    unit: Literal["g", "kg"] = "g",
    limit: Annotated[int, Meta(ge=1)] = 5,
    tags: list[str] = [],  # noqa: B006
    context: ToolContext | None = None,
) -> dict[str, Any]:
    """Find weather stations.

    The nearest come first.

    Args:
        species: Overruled by the annotation.
        box (Box): Where to look,
            in degrees.
        limit: How many at most.

    Returns:
        What was found.
    """
    assert context is not None
    return {"species": species, "east": box.east, "unit": unit, "limit": limit, "tags": tags, "call": context.call_id}


def test_the_schema_follows_from_types_and_docstring() -> None:
    made = FunctionTool(stations)
    assert (made.name, made.effect, made.idempotent) == ("stations", "read", True)
    assert made.description == "Find weather stations.\n\nThe nearest come first."
    assert made.parameters == {
        "type": "object",
        "required": ["species", "box"],
        "additionalProperties": False,
        "properties": {
            "species": {"type": "string", "description": "Latin or English"},
            "box": {
                "type": "object",
                "description": "Where to look, in degrees.",
                "properties": {"west": {"type": "number"}, "east": {"type": "number"}},
                "required": ["west", "east"],
            },
            "unit": {"type": "string", "enum": ["g", "kg"], "default": "g"},
            "limit": {"type": "integer", "minimum": 1, "default": 5, "description": "How many at most."},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }


async def test_the_function_gets_typed_arguments_and_the_context(bench: Bench) -> None:
    told = await bench.call(FunctionTool(stations), species="Adelie", box={"west": 1, "east": 2})
    assert '{"species":"Adelie","east":2.0,"unit":"g","limit":5,"tags":[],"call":"m.r1.s1.a1.c1"}' in told.text
    assert not told.marked  # whoever tells it puts it between fences


async def test_people_see_the_call_as_they_would_write_it(bench: Bench) -> None:
    proposal = await bench.propose(FunctionTool(plain), count=3)
    assert (proposal.preview.title, proposal.preview.code) == ("Run `plain`", "plain(count=3, label='x')")


def plain(count: int, label: str = "x") -> str:
    """Count."""
    return label * count


def test_a_function_needs_a_confirmation_unless_it_says_otherwise() -> None:
    made = FunctionTool(plain)
    assert (made.effect, made.idempotent) == ("execute", False)


def test_marking_leaves_the_function_as_it_is() -> None:
    assert tool(effect="edit", name="other", idempotent=True)(plain_too)(2) == 4
    made = FunctionTool(plain_too)
    assert (made.name, made.effect, made.idempotent) == ("other", "edit", True)


def plain_too(count: int) -> int:
    """Double."""
    return 2 * count


async def test_a_sync_function_runs_beside_the_loop_and_an_async_one_in_it(bench: Bench) -> None:
    def beside() -> bool:
        """Where am I?"""
        return threading.current_thread() is threading.main_thread()

    async def within() -> bool:
        """Where am I?"""
        return threading.current_thread() is threading.main_thread()

    assert "false" in (await bench.call(FunctionTool(beside))).text
    assert "true" in (await bench.call(FunctionTool(within))).text


async def test_a_default_is_new_in_each_call(bench: Bench) -> None:
    def collect(tags: list[str] = []) -> list[str]:  # noqa: B006
        """Collect."""
        tags.append("x")
        return tags

    made = FunctionTool(collect)
    assert await bench.call(made) == await bench.call(made)


async def test_wrong_arguments_are_told(bench: Bench) -> None:
    refused = await bench.refusal(FunctionTool(plain), cuont=3)
    assert "`count` is missing; there is no argument `cuont` (did you mean `count`?)" in refused.message


async def test_what_it_raises_is_told(bench: Bench) -> None:
    def broken() -> None:
        """Break."""
        raise ValueError("no such city")

    refused = await bench.refusal(FunctionTool(broken))
    assert isinstance(refused, ToolError) and refused.message == "broken failed: ValueError: no such city"


async def test_our_own_errors_pass_through(bench: Bench) -> None:
    def busy() -> None:
        """Break."""
        raise KernelError("The kernel is busy.")

    assert isinstance(await bench.refusal(FunctionTool(busy)), KernelError)


@pytest.mark.parametrize(
    ("returned", "text"),
    [(None, "Done."), ("words", "words"), ([1, {"a": None}], '[1,{"a":null}]'), (Box(1, 2), '{"west":1,"east":2}')],
)
async def test_whatever_it_returns_becomes_text(bench: Bench, returned: Any, text: str) -> None:
    def giving() -> Any:
        """Give."""
        return returned

    assert text in (await bench.call(FunctionTool(giving))).text


async def test_a_result_may_be_made_by_hand_or_be_huge(bench: Bench) -> None:
    made = CallResult(text="hi", images=[Image(mime="image/png", data="AA")])

    def giving() -> CallResult:
        """Give."""
        return made

    def flooding() -> str:
        """Give."""
        return "x" * 1_000_000

    assert await bench.call(FunctionTool(giving)) == made
    assert len((await bench.call(FunctionTool(flooding))).text) < MAX_RESULT + 200


def undocumented(a: int) -> int:
    return a


def untyped(a):  # type: ignore[no-untyped-def]
    """Do."""


def starred(*args: int) -> None:
    """Do."""


def positional(a: int, /) -> None:
    """Do."""


def framed(df: pd.DataFrame) -> None:
    """Do."""


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (undocumented, "no docstring"),
        (untyped, "'a' has no type annotation"),
        (starred, "cannot be passed by name"),
        (positional, "cannot be passed by name"),
        (framed, "DataFrame"),
    ],
)
def test_a_function_that_no_model_could_call_is_refused_at_once(function: Callable[..., Any], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        FunctionTool(function)


GOOGLE = """Do.

More.

Args:
    a: First: yes,
        really.
    b (int, optional): Second.

Returns:
    c: x"""
NUMPY = """Do.

More.

Parameters
----------
a : int
    First: yes,
    really.
b
    Second.

Returns
-------
c
    x"""
SPHINX = """Do.

More.

:param a: First: yes,
    really.
:param int b: Second.
:returns: x"""


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_three_styles_of_docstrings_are_read(docstring: str) -> None:
    read = read_docstring(docstring)
    assert read.description == "Do.\n\nMore."
    assert read.parameters == {"a": "First: yes, really.", "b": "Second."}


def test_an_empty_docstring_says_nothing() -> None:
    assert read_docstring("") == read_docstring("\n\n")
