"""The arguments that tools share: how they are named, typed and explained to the model."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from ...ports.notebook import CellType


class Arguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the arguments of a tool: what is not named is refused."""


class NoArguments(Arguments, frozen=True, kw_only=True):
    """For tools without arguments."""


LINES = {"contentMediaType": "text/plain"}
"""Extra JSON schema of a text of several lines, such as code: forms give it a field of several lines."""

CellIdArg = Annotated[str, Meta(description="The cell's id or number.")]
VersionArg = Annotated[
    str | None, Meta(description="Only from records of earlier versions: which version was read is known without it.")
]
AfterArg = Annotated[str | None, Meta(description='The id of the cell before it, "top" or "end".')]
TypeArg = Annotated[CellType, Meta(description="Its kind.")]
OldTextArg = Annotated[str, Meta(description="Text that stands in exactly one place.", extra_json_schema=LINES)]
NewTextArg = Annotated[str, Meta(description="What replaces it; empty to remove it.", extra_json_schema=LINES)]
SourceArg = Annotated[str, Meta(description="The whole new source instead.", extra_json_schema=LINES)]
