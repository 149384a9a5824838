"""Tools that look at the kernel's variables without leaving a trace in it."""

from __future__ import annotations

import inspect
import json
from functools import cache
from typing import Annotated, Any

from msgspec import Meta

from ...core.untrusted_text import as_data
from ...ports.tool import ToolContext
from ...protocol import CallResult
from ...protocol.errors import KernelError, NotebookError, ToolError
from ..authoring.arguments import Arguments, NoArguments
from ..authoring.typed import ReadTool
from ..render.data import quoted, titled
from . import kernel_inspector as looking

TIMEOUT_S = 15.0


class InspectVariablesTool(ReadTool[NoArguments]):
    """Lists the variables."""

    name = "inspect_variables"
    description = (
        "List the variables that live in the notebook's Python kernel, with type and size or value in short. "
        "Nothing is run in the notebook and nothing changes."
    )
    arguments = NoArguments

    def title(self, args: NoArguments) -> str:
        """What it does, in one line for people."""
        return "Inspect the variables"

    async def look(self, args: NoArguments, context: ToolContext) -> CallResult:
        """A line for each variable."""
        await needs_python(context)
        found = await ask_kernel(context, None)
        lines = [_line(variable) for variable in found["variables"]]
        if found["more"]:
            lines.append(f"{found['more']} more")
        if not lines:
            return CallResult(text="The kernel has no variables: perhaps no cell was run yet.")
        return CallResult(text=as_data("variables", "\n".join(lines)))


class InspectVariableArgs(Arguments, frozen=True, kw_only=True):
    """Arguments of inspect_variable."""

    name: Annotated[str, Meta(description="The variable's name; not an expression.")]


class InspectVariableTool(ReadTool[InspectVariableArgs]):
    """Shows one variable closer."""

    name = "inspect_variable"
    description = (
        "Look at one variable of the Python kernel: type, shape, columns with dtypes and nulls, the first "
        "rows or items, a function's signature."
    )
    arguments = InspectVariableArgs

    def title(self, args: InspectVariableArgs) -> str:
        """What it does, in one line for people."""
        return f"Inspect {titled(args.name)}"

    async def look(self, args: InspectVariableArgs, context: ToolContext) -> CallResult:
        """Its type, facts and value in short. Raises `ToolError` when there is no such variable."""
        if not args.name.isidentifier():
            raise ToolError(
                f"{quoted(args.name)} is not the name of a variable.",
                hint="Pass a plain name such as df; for an expression, insert and run a cell.",
            )
        await needs_python(context)
        found = await ask_kernel(context, args.name)
        if "names" in found:
            known = ", ".join(found["names"][:40]) or "none"
            raise ToolError(f"There is no variable {args.name}.", hint=f"There are: {quoted(known)}.")
        lines = [f"{args.name}: {found['type']}", *found["facts"], *([found["text"]] if found["text"] else [])]
        return CallResult(text=as_data("variable", "\n".join(lines)))


_LISTING = {"r": "ls.str()", "julia": "varinfo()", "bash": "declare -p", "octave": "whos", "matlab": "whos"}
"""What prints the variables in a cell of another language; their kernels print nothing where nothing may be left."""


async def needs_python(context: ToolContext) -> None:
    """Raise `ToolError` for a kernel of another language, before it is sent code that it could take for its own."""
    info = await context.notebook.describe()
    if not info.language:
        await context.notebook.read()
        info = await context.notebook.describe()
    language = info.language.lower()
    if language in ("", "python", "ipython", "sage", "sagemath"):
        return
    code = f": {_LISTING[language]}" if language in _LISTING else ""
    raise ToolError(
        f"Variables cannot be inspected in this kernel, whose language is {quoted(info.language)}.",
        hint=f"Insert and run a cell that prints what you need{code}.",
        code="not_available",
    )


async def ask_kernel(context: ToolContext, name: str | None) -> dict[str, Any]:
    """What the kernel's side (`looking`) finds out. Raises `KernelError`, or `ToolError` for kernels of others."""
    try:
        printed = await context.notebook.evaluate(code_for(name), TIMEOUT_S)
    except KernelError:
        raise
    except NotebookError as error:
        raise _other_language(str(error)) from error
    parts = printed.split(looking.MARK)
    if len(parts) < 3:
        raise _other_language("It printed no answer.")
    found: dict[str, Any] = json.loads(parts[-2])
    return found


def code_for(name: str | None) -> str:
    """One expression that runs `looking` in a namespace of its own: it binds no name among the user's."""
    # Through __import__, because people name variables `exec`, `dict` or `globals`.
    builtins = "__import__('builtins')"
    return f"{builtins}.exec({_source()!r}, {{'user': {builtins}.globals(), 'name': {name!r}, '__name__': 'looking'}})"


@cache
def _source() -> str:
    return inspect.getsource(looking) + "\nanswer(user, name)\n"


def _line(variable: dict[str, str]) -> str:
    summary = f", {variable['summary']}" if variable["summary"] else ""
    return f"{variable['name']}: {variable['type']}{summary}"


def _other_language(what: str) -> ToolError:
    return ToolError(
        f"The kernel could not be asked for its variables. {what}",
        hint="Inspecting works in Python kernels; in others, insert and run a cell that prints what you need.",
    )
