"""The tool that runs scratch code."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Annotated

from msgspec import Meta

from ....core.untrusted_text import as_data
from ....ports.tool import Proposal, ToolContext
from ....protocol import CallResult, Effect, Preview
from ...authoring.arguments import LINES, Arguments
from ...authoring.typed import TypedTool
from ...render.data import shorten
from . import scratch

TIMEOUT_S = 60.0
MAX_CHARS = 8_000
_PYTHON = ("", "python", "ipython", "sage", "sagemath")


class EvaluateArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of evaluate."""

    code: Annotated[str, Meta(min_length=1, description="The code.", extra_json_schema=LINES)]


class EvaluateTool(TypedTool[EvaluateArgs]):
    """Runs code without a cell."""

    name = "evaluate"
    description = (
        "Run scratch code in the kernel without adding a cell, to check something. Returns what it prints and its last "
        "expression. Names that it assigns stay."
    )
    effect: Effect = "execute"
    arguments = EvaluateArgs

    async def plan(self, args: EvaluateArgs, context: ToolContext) -> Proposal:
        """The code, as it will run."""
        language = (await context.notebook.describe()).language.lower() or "python"
        return Proposal(preview=Preview(title="Run code without a cell", code=args.code, language=language))

    async def act(self, args: EvaluateArgs, proposal: Proposal, context: ToolContext) -> CallResult:
        """Run it. Raises `NotebookError` for code that raises, `KernelError` without a free kernel."""
        code = code_for(args.code) if proposal.preview.language in _PYTHON else args.code
        printed = await context.notebook.evaluate(code, min(TIMEOUT_S, context.timeout_s or TIMEOUT_S))
        if not printed.strip():
            return CallResult(text="It ran, and printed nothing.")
        return CallResult(text=as_data("printed", shorten(printed.rstrip("\n"), MAX_CHARS)))


def code_for(code: str) -> str:
    """One expression that runs the code among the user's names, and leaves no name of ours there."""
    builtins = "__import__('builtins')"
    source = f"{_source()}\nrun(user, code)\n"
    given = f"{{'user': {builtins}.globals(), 'code': {code!r}, '__name__': 'scratch'}}"
    return f"{builtins}.exec({source!r}, {given})"


@cache
def _source() -> str:
    return inspect.getsource(scratch)
