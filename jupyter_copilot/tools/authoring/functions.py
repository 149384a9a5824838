"""Python functions as tools: the annotations become the schema, the docstring becomes the description."""

from __future__ import annotations

import asyncio
import inspect
import types
from collections.abc import Callable
from copy import copy
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from ...ports.tool import Proposal, ToolContext
from ...protocol import CallResult, Preview
from ...protocol.errors import CopilotError, ToolError
from ..render.data import shorten, titled
from .arguments import Arguments
from .decorator import options_of
from .docstrings import Documentation, read_docstring
from .typed import TypedTool

MAX_RESULT = 40_000


class FunctionTool(TypedTool[Arguments]):
    """A tool that calls a function, sync (in a thread) or async.

    A parameter annotated with `ToolContext` gets the context, and the model does not see it. Raises `TypeError` at
    once for a function whose parameters cannot be described in JSON Schema, or that has no docstring.
    """

    arguments = Arguments
    marks_data = False

    def __init__(self, function: Callable[..., Any]) -> None:
        options = options_of(function)
        documentation = read_docstring(inspect.getdoc(function) or "")
        if not documentation.description:
            raise TypeError("It has no docstring, so the model cannot know what it does.")
        self.name = options.name or function.__name__
        self.description = documentation.description
        self.effect = options.effect
        self.idempotent = options.idempotent
        self._function = function
        self._context_names, self.arguments = _arguments(function, self.name, documentation)
        super().__init__()

    async def plan(self, args: Arguments, context: ToolContext) -> Proposal:
        """The call as people would write it."""
        named = ", ".join(f"{name}={value!r}" for name, value in _fields(args).items())
        return Proposal(preview=Preview(title=f"Run {titled(self.name)}", code=f"{self.name}({named})"))

    async def act(self, args: Arguments, proposal: Proposal, context: ToolContext) -> CallResult:
        """Call the function. Whatever it raises is told to the model; a sync one cannot be stopped in its thread."""
        values = {**_fields(args), **dict.fromkeys(self._context_names, context)}
        try:
            if inspect.iscoroutinefunction(self._function):
                returned = await self._function(**values)
            else:
                returned = await asyncio.to_thread(self._function, **values)
        except CopilotError:
            raise
        except Exception as error:
            raise ToolError(
                f"{self.name} failed: {type(error).__name__}: {error}", hint="Correct the arguments, or go another way."
            ) from error
        return _result(returned)


def _fields(args: Arguments) -> dict[str, Any]:
    return {name: getattr(args, name) for name in args.__struct_fields__}


def _result(returned: Any) -> CallResult:
    if isinstance(returned, CallResult):
        return returned
    if returned is None:
        return CallResult(text="Done.")
    text = returned if isinstance(returned, str) else msgspec.json.encode(returned, enc_hook=str).decode()
    return CallResult(text=shorten(text, MAX_RESULT))


def _arguments(
    function: Callable[..., Any], name: str, documentation: Documentation
) -> tuple[list[str], type[Arguments]]:
    """The names of the parameters that take the context, and a struct of the others."""
    hints = get_type_hints(function, include_extras=True)
    context_names: list[str] = []
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name)
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"Its parameter {parameter} cannot be passed by name.")
        if ToolContext in (hint, *get_args(hint)):  # `ToolContext | None` too
            context_names.append(parameter.name)
        elif hint is None:
            raise TypeError(f"Its parameter {parameter.name!r} has no type annotation.")
        else:
            described = _described(hint, documentation.parameters.get(parameter.name, ""))
            default = () if parameter.default is parameter.empty else (_default(parameter.default),)
            fields.append((parameter.name, described, *default))
    struct = msgspec.defstruct(f"{name}_arguments", fields, bases=(Arguments,), frozen=True, kw_only=True)
    return context_names, cast(type[Arguments], struct)


def _described(hint: Any, documented: str) -> Any:
    """The annotation with the parameter's description; `Annotated[int, "How many"]` describes it too."""
    if get_origin(hint) is Annotated:
        inner, *extras = get_args(hint)
        texts = [extra for extra in extras if isinstance(extra, str)]
        documented = " ".join(texts) or documented
        hint = inner
        for meta in extras:
            hint = Annotated[hint, meta] if isinstance(meta, Meta) else hint
    return Annotated[hint, Meta(description=documented)] if documented else hint


def _default(value: Any) -> Any:
    if isinstance(value, list | dict | set):
        return msgspec.field(default_factory=lambda: copy(value))
    return value


def is_function(value: object) -> bool:
    """Whether the value is a function or method, and so can be a tool by itself."""
    return isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType)
