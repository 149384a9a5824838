"""The decorator that says what kind of tool a function is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from ...protocol import Effect

F = TypeVar("F", bound=Callable[..., Any])
_ATTRIBUTE = "__copilot_tool__"


class Options(Struct, frozen=True, kw_only=True):
    """What `tool` was told about a function."""

    effect: Effect = "execute"
    name: str | None = None
    idempotent: bool = False


def tool(
    *, effect: Effect = "execute", name: str | None = None, idempotent: bool | None = None
) -> Callable[[F], F]:  # fmt: skip
    """Say what kind of tool a function is; the function itself stays as it is.

    `effect` is `read` for what only looks and may run at once; `edit` and `execute` need a person's confirmation.
    `idempotent` says that running it twice is as good as once, so that it may be run again after a crash.
    """
    options = Options(effect=effect, name=name, idempotent=effect == "read" if idempotent is None else idempotent)

    def marked(function: F) -> F:
        setattr(function, _ATTRIBUTE, options)
        return function

    return marked


def options_of(function: Callable[..., Any]) -> Options:
    """What was said about this function; the most careful options when nothing was."""
    found = getattr(function, _ATTRIBUTE, None)
    return found if isinstance(found, Options) else Options()
