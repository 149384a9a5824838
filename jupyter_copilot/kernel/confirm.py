"""`confirm()`: code asks everybody who looks at the notebook, and goes on when somebody has decided."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from .. import protocol as p
from ..protocol.errors import ConnectionLost, NotConfirmed
from .arguments import described
from .asked import Asked, OnTimeout
from .asking import Options, followed, question
from .connection import outcome
from .decision import Decision, decision_of
from .shared import shared_connection

F = TypeVar("F", bound=Callable[..., Any])
LOOK_S = 0.2
"""How often a waiting cell looks whether its line has to change."""


def confirm(
    title: str,
    *,
    details: str = "",
    options: Options = None,
    schema: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    on_timeout: OnTimeout = "raise",
    default: str | None = None,
    thread: str = p.MAIN_THREAD,
) -> Decision:
    """Ask everybody who looks at this notebook, wait, and return what was decided and by whom.

    The first decision counts, whichever view it comes from; this kernel cannot decide. The first of `options` is the
    one that confirms. `timeout` is in seconds; when it is over, `NotConfirmed` is raised, or with
    `on_timeout="return"` a decision for `default` is returned. Without a server, `default` is returned when it was
    given, else `NotConfirmed` is raised. Interrupting the cell takes the question back.
    """
    asked = Asked(question(title, details, options, schema, timeout, thread), on_timeout, default)
    try:
        answer = asked.put()
        while not concurrent.futures.wait([answer], LOOK_S).done:
            asked.show_waiting()
        return asked.ended(answer)
    except (NotConfirmed, ConnectionLost) as error:
        return asked.undecided(error)
    except (KeyboardInterrupt, SystemExit):
        asked.take_back()
        raise


async def confirm_async(
    title: str,
    *,
    details: str = "",
    options: Options = None,
    schema: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    on_timeout: OnTimeout = "raise",
    default: str | None = None,
    thread: str = p.MAIN_THREAD,
) -> Decision:
    """The same as `confirm`, for async code: other tasks go on meanwhile. Cancelling it takes the question back."""
    asked = Asked(question(title, details, options, schema, timeout, thread), on_timeout, default)
    try:
        answer = asked.put()
        arrival = asyncio.wrap_future(answer)
        arrival.add_done_callback(_heed)
        while not (await asyncio.wait([arrival], timeout=LOOK_S))[0]:
            asked.show_waiting()
        return asked.ended(answer)
    except (NotConfirmed, ConnectionLost) as error:
        return asked.undecided(error)
    except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
        asked.take_back(wait_s=0)  # other tasks go on meanwhile
        raise


def _heed(arrival: asyncio.Future[Any]) -> None:
    """Look at its error, which is raised from the answer itself: asyncio logs one that nobody looked at."""
    if not arrival.cancelled():
        arrival.exception()


def wait_for(confirmation_id: str, *, timeout: float | None = None) -> Decision:
    """Wait until a confirmation that anybody opened here is settled, and return the decision on it.

    Every kernel that waits for it gets the same answer. Raises `NotConfirmed` when it expired or was withdrawn,
    `Rejected` when there is none with this id, and `TimeoutError` after `timeout` seconds; it stays open then.
    """
    waiting = shared_connection().submit(lambda client: followed(client, confirmation_id))
    try:
        return decision_of(outcome(waiting, timeout))
    except concurrent.futures.TimeoutError:
        raise TimeoutError(f"Nobody has decided within {timeout:g} s; the confirmation is still open.") from None
    finally:
        waiting.cancel()


def requires_confirmation(title: str | Callable[..., Any] | None = None, **options: Any) -> Any:
    """A decorator: the function, sync or async, asks before each call, showing its arguments.

    `title` defaults to the function's name; `options` are those of `confirm`. A call that is not confirmed raises
    `NotConfirmed`, and the function does not run.
    """
    if callable(title):
        return requires_confirmation()(title)

    def decorate(function: F) -> F:
        text = title or f"Run {function.__qualname__}?"

        def asked(arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
            return {"details": described(function, arguments, named), **options}

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def confirmed_async(*arguments: Any, **named: Any) -> Any:
                _insist(text, await confirm_async(text, **asked(arguments, named)))
                return await function(*arguments, **named)

            return cast(F, confirmed_async)

        @functools.wraps(function)
        def confirmed(*arguments: Any, **named: Any) -> Any:
            _insist(text, confirm(text, **asked(arguments, named)))
            return function(*arguments, **named)

        return cast(F, confirmed)

    return decorate


def _insist(title: str, decision: Decision) -> None:
    if not decision.approved:
        by = f"by {decision.by}" if decision.by else "by default"
        raise NotConfirmed(f"Not confirmed {by}: {title} {decision.comment}".strip(), code="denied")
