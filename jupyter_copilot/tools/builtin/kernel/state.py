"""The tools that say what state the kernel is in, and what there is to know of a function."""

from __future__ import annotations

import inspect
import json
from functools import cache
from typing import Annotated, Any

from msgspec import Meta

from ....core.untrusted_text import as_data
from ....ports.notebook import KernelFacts
from ....ports.tool import ToolContext
from ....protocol import CallResult
from ....protocol.errors import CopilotError, ToolError
from ...authoring.arguments import Arguments, NoArguments
from ...authoring.typed import ReadTool
from ...render.data import quoted, titled
from ..inspecting import TIMEOUT_S, InspectVariablesTool, needs_python
from . import docs_inspector


class KernelStateTool(ReadTool[NoArguments]):
    """Says what the kernel does, and what is in it."""

    name = "kernel_state"
    description = (
        "See whether the kernel runs or is busy, which packages are loaded, and all variables with type and value in "
        "short."
    )
    arguments = NoArguments

    def __init__(self) -> None:
        super().__init__()
        self._variables = InspectVariablesTool()

    def title(self, args: NoArguments) -> str:
        """What it does, in one line for people."""
        return "Look at the kernel"

    async def look(self, args: NoArguments, context: ToolContext) -> CallResult:
        """Its state in a sentence, then its variables while it is free."""
        await context.notebook.read()
        facts = await context.notebook.kernel_facts()
        said = doing(facts)
        if facts.running is False or facts.busy:
            return CallResult(text=said)
        try:
            variables = (await self._variables.look(args, context)).text
        except CopilotError as error:
            variables = str(error)
        return CallResult(text="\n".join(filter(None, [said, variables])))


def doing(facts: KernelFacts) -> str:
    """What is known of a kernel, in a few sentences."""
    if facts.running is False:
        return "No kernel runs: nothing is in memory. Running a cell starts one."
    if facts.busy:
        return "The kernel is busy."
    said = ["The kernel is idle."] if facts.running else []
    if facts.runs is not None:
        said.append(f"Runs since it started: {len(facts.runs)}.")
    if facts.packages:
        packages = ", ".join(f"{name} {quoted(version)}" for name, version in facts.packages.items())
        said.append(f"Packages loaded: {packages}.")
    return " ".join(said)


class GetDocsArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of get_docs."""

    name: Annotated[
        str, Meta(min_length=1, max_length=200, description="A dotted name, such as pd.read_csv or frame.groupby.")
    ]


class GetDocsTool(ReadTool[GetDocsArgs]):
    """Shows how something is called."""

    name = "get_docs"
    description = (
        "Look up signature and documentation of a function, class or module that the Python kernel has loaded, as it "
        "is installed there."
    )
    arguments = GetDocsArgs

    def title(self, args: GetDocsArgs) -> str:
        """What it does, in one line for people."""
        return f"Look up {titled(args.name)}"

    async def look(self, args: GetDocsArgs, context: ToolContext) -> CallResult:
        """Its signature and documentation. Raises `ToolError` when there is no such name."""
        name = args.name.strip().removesuffix("()")
        if not all(part.isidentifier() for part in name.split(".")):
            raise ToolError(f"{quoted(args.name)} is not a dotted name.", hint="Pass a name such as pd.read_csv.")
        await needs_python(context)
        printed = (await context.notebook.evaluate(docs_code(name), TIMEOUT_S)).split(docs_inspector.MARK)
        found: dict[str, Any] | None = json.loads(printed[-2]) if len(printed) > 2 else None
        if found is None:
            raise ToolError(
                f"{quoted(name)} is not loaded in the kernel.", hint="Import it in a cell, or use its name there."
            )
        text = f"{name}{found['signature']}\n\n{found['doc'] or '(no documentation)'}"
        return CallResult(text=f"A {quoted(found['kind'])}:\n{as_data('documentation', text)}")


def docs_code(name: str) -> str:
    """One expression that looks the name up, and binds none among the user's."""
    builtins = "__import__('builtins')"
    source = f"{_source()}\nanswer(user, name)\n"
    given = f"{{'user': {builtins}.globals(), 'name': {name!r}, '__name__': 'docs'}}"
    return f"{builtins}.exec({source!r}, {given})"


@cache
def _source() -> str:
    return inspect.getsource(docs_inspector)
