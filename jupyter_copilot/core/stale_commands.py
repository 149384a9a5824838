"""Which commands, given while there was no connection, no longer mean what was meant.

The browser judges the same (`core/stale-commands.ts`).
"""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_never

from .. import protocol as p
from ..protocol.errors import RejectCode, Rejected
from . import state as s


def stale_reason(command: p.Command, state: s.RoomState) -> Rejected | None:
    """Why a command that never reached the server should not be sent any more; None when it should.

    A decision becomes stale: what it referred to was decided by somebody else, is over, or is not what the person saw.
    So does another try of a run that then did not fail. Everything else is for the server to judge.
    """
    match command:
        case p.Decide():
            return _stale_decision(command, state.confirmations.get(command.confirmation_id))
        case p.DecideAll():
            stale = (_stale_decision(each, state.confirmations.get(each.confirmation_id)) for each in command.decisions)
            return next(filter(None, stale), None)
        case p.RetryRun():
            return _stale_retry(state.runs.get(command.run_id))
        case _:
            return None


def _stale_retry(run: s.Run | None) -> Rejected | None:
    """Who did not want to wait for a run wants no new one; the server would begin it."""
    if not isinstance(run, s.Finished) or run.outcome == "failed":
        return None
    ended = "The run succeeded." if run.outcome == "success" else "The answer was stopped."
    return Rejected(
        "run_finished", f"Nothing was tried again: there was no connection when you wanted it. {ended}"
    )  # fmt: skip


def _stale_decision(command: p.Decide, found: s.Confirmation | None) -> Rejected | None:
    match found:
        case s.Open():
            if found.args_hash == command.args_hash:
                return None
            return _refused("stale", "What you decided on has changed since you saw it.")
        case s.Decided():
            label = next((o.label for o in found.options if o.id == found.option), found.option)
            details = {"by": found.by, "at": found.at, "option": found.option, "label": label}
            return _refused("already_decided", f"{found.by.name} decided this: {label}.", details)
        case s.Expired():
            return _refused("expired", "Nobody decided in time, so it counts as denied.")
        case s.Withdrawn():
            return _refused("withdrawn", f"{found.by.name} took this back.")
        case None:
            return _refused("not_found", "This confirmation is no longer there.")
    assert_never(found)


def _refused(code: RejectCode, message: str, details: dict[str, Any] | None = None) -> Rejected:
    full = f"Your decision was not sent: there was no connection when you made it. {message}"
    return Rejected(code, full, details=details)
