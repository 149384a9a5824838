"""The base of every tool whose arguments are a struct."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Effect, JsonObject, Preview
from .arguments import Arguments
from .cell_names import with_plain_ids
from .schema import decode, schema_of

A = TypeVar("A", bound=Arguments)


class TypedTool(ABC, Generic[A]):
    """A tool that names itself, describes itself to the model, and takes its arguments as a struct.

    Subclasses set the attributes and write `plan` and `act`. `probe` finds nothing unless a subclass knows where to
    look for its effect. Calls that edit or execute wait for each other, but for those with `waits_its_turn` off.
    """

    name: str
    description: str
    effect: Effect
    arguments: type[A]
    idempotent: bool = False
    waits_its_turn: bool = True
    marks_data: bool = True
    """Whether its results and errors mark by themselves what nobody vouches for."""

    def __init__(self) -> None:
        self.parameters: JsonObject = schema_of(self.arguments)

    def decode(self, args: dict[str, Any]) -> A:
        """The arguments as a struct. Raises `ToolError`, which tells the model what to write instead."""
        return decode(self.arguments, with_plain_ids(args), self.parameters, self.name)

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """Check the arguments and say what the call would do. Raises `ToolError` or `NotebookError`."""
        return await self.plan(self.decode(args), context)

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Do what was proposed. Raises `ToolError` or `NotebookError`."""
        return await self.act(self.decode(args), proposal, context)

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """What became of the call, if that can be found out after a crash."""
        return None

    @abstractmethod
    async def plan(self, args: A, context: ToolContext) -> Proposal:
        """The proposal for checked arguments; without effect."""

    @abstractmethod
    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """The effect of the call, and its result."""


class ReadTool(TypedTool[A]):
    """A tool that only looks: it runs at once, and again after a crash."""

    effect: Effect = "read"
    idempotent = True

    @abstractmethod
    def title(self, args: A) -> str:
        """What it does, in one line for people."""

    @abstractmethod
    async def look(self, args: A, context: ToolContext) -> CallResult:
        """What it finds."""

    async def plan(self, args: A, context: ToolContext) -> Proposal:
        """The title is all that people need to see."""
        return Proposal(preview=Preview(title=self.title(args)))

    async def act(self, args: A, proposal: Proposal, context: ToolContext) -> CallResult:
        """Look."""
        return await self.look(args, context)
