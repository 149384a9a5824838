"""The tool port: a tool proposes what it would do, and does it once people agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ..notebook.base import Change, Notebook
from ..protocol import Actor, CallId, CallResult, Effect, JsonObject, Output, Preview


class Proposal(Struct, frozen=True, kw_only=True):
    """What a call would do, decided before anybody is asked.

    `preview` is what people see. `changes` and `run` are the operations on the notebook, in this order; `pinned` maps
    each cell concerned to the version that people saw. A proposal with a `question` asks people instead of acting.
    """

    preview: Preview
    changes: list[Change] = []
    run: list[str] = []
    pinned: dict[str, str] = {}
    question: JsonObject | None = None


class ToolContext(Struct, frozen=True, kw_only=True):
    """What a tool may use: one notebook, who asked, and where its output goes."""

    notebook: Notebook
    call_id: CallId
    exec_id: str
    asked_by: Actor
    emit: Callable[[Output], None]
    root: str
    timeout_s: float | None = None


class Tool(Protocol):
    """Something that the agent can do."""

    name: str
    description: str
    """Written for the model."""
    effect: Effect
    parameters: JsonObject
    """JSON Schema of the arguments."""
    idempotent: bool
    """Whether doing it twice is as good as once."""

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """Check the arguments and say what the call would do, without effect. Raises `ToolError`."""

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Do it. Raises `ToolError` or `NotebookError`, which the model is told."""

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """After a crash: the result, if the effect of `context.exec_id` can be found; else None."""


ToolFactory = Callable[[], Sequence[Tool]]
Emit = Callable[[Output], Awaitable[None]]
