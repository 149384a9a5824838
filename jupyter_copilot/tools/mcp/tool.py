"""A tool of another server as the agent has it: it asks each time, unless somebody trusts it to only read."""

from __future__ import annotations

import json
from typing import Any

from ...core.json_schema import value_problem
from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Effect, JsonObject, Output, Preview
from ...protocol.errors import InDoubt, ToolError
from .connection import Connection
from .definitions import Definition
from .results import result_of

MAX_NOTE = 300


class McpTool:
    """Calls the tool of this definition; never `edit`, which means this notebook, and never undone from here."""

    waits_its_turn = False
    is_foreign = True

    def __init__(self, connection: Connection, definition: Definition, *, trusted: bool, changed: bool) -> None:
        self._connection = connection
        self._definition = definition
        self._changed = changed
        self.server = connection.name
        self.name = definition.name
        self.description = definition.description
        self.parameters: JsonObject = definition.parameters
        self.effect: Effect = "read" if trusted else "execute"
        self.idempotent = trusted and definition.says_idempotent

    async def propose(self, args: dict[str, Any], context: ToolContext) -> Proposal:
        """Show the tool, whose it is, and the arguments. Raises `ToolError` when they do not fit its schema."""
        problem = value_problem(self.parameters, args)
        if problem is not None:
            raise ToolError(f"These arguments do not fit {self.name}: {problem}", hint="Correct them.")
        code = json.dumps(args, indent=2, ensure_ascii=False) if args else ""
        title = f"{self.server}: {self._definition.remote_name}"[:200]
        return Proposal(preview=Preview(title=title, code=code, language="json"), note=self._note())

    def _note(self) -> str:
        lines = [f"A tool of the MCP server {self.server}; what it does cannot be undone from here."]
        if self._changed:
            lines.append("It describes itself differently than when it was first seen: look twice.")
        said = self.description if len(self.description) <= MAX_NOTE else self.description[: MAX_NOTE - 1] + "…"
        return " ".join([*lines, f"It says: {said}"])

    async def execute(self, args: dict[str, Any], proposal: Proposal, context: ToolContext) -> CallResult:
        """Call it. Raises `ToolError`, or `InDoubt` when the server was gone before it answered."""

        def progress(text: str) -> None:
            context.emit(Output(kind="stdout", text=text))

        try:
            result = await self._connection.call(self._definition.remote_name, args, progress, context.elicit)
        except InDoubt as doubt:
            if self.effect == "read":
                raise ToolError(doubt.message, hint="Nothing was changed. Try again later.") from doubt
            raise
        told = result_of(result.content, result.structured_content)
        if result.is_error:
            raise ToolError(told.text, hint="Correct the arguments, or go on without it.")
        return told

    async def probe(self, args: dict[str, Any], context: ToolContext) -> CallResult | None:
        """Nobody can tell from here what became of a call."""
        return None
