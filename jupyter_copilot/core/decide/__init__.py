"""Deciding: a command becomes events, or is refused. Nothing else in the package refuses a command for what it says.

`decide` is pure: it reads the state, the actor's rights and the time that it is given, and writes nothing. Ids of what
it starts follow from the ids in the command, so that deciding the same command twice gives the same events.
"""

from __future__ import annotations

from collections.abc import Set

from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import policy
from .. import state as s
from ..permissions.house import NO_HOUSE, House
from .calls import front_end_call, undo_calls
from .confirmations import decide_all, decide_confirmation, open_confirmation, withdraw_confirmation
from .expiry import expire, next_expiry
from .guests import guest_command
from .notices import report_notice, see_mentions
from .rewinding import rewind, undo_rewind
from .rules import end_rule, grant_rule, granted_along, set_mode
from .runs import cancel_run, failed_run, post_message, retry_run
from .threads import archive_thread, create_thread, live_thread

__all__ = ["decide", "expire", "failed_run", "next_expiry"]


def decide(  # noqa: C901, PLR0912 - one case for each command
    state: s.RoomState, command: p.Command, actor: p.Actor, rights: Set[p.Right], now: int, house: House = NO_HOUSE
) -> list[p.Event]:
    """The events that a command makes, at least one. Raises `Rejected`; `now` is the server's time in unix ms.

    `house` is what this server's administrator lays down, and its tools.
    """
    refused = policy.refusal(state, command, actor, rights)
    if refused is not None:
        raise Rejected("forbidden", refused)
    match command:
        case p.CreateThread():
            return create_thread(state, command)
        case p.RenameThread():
            live_thread(state, command.thread_id)
            return [p.ThreadRenamed(thread_id=command.thread_id, title=command.title)]
        case p.ArchiveThread():
            return archive_thread(state, command)
        case p.SetMode():
            return set_mode(state, command, house, now)
        case p.GrantRule():
            return grant_rule(state, command.grant, actor, house, now)
        case p.EndRule():
            return end_rule(state, command)
        case p.PostMessage():
            return post_message(state, command)
        case p.CancelRun():
            return cancel_run(state, command, actor)
        case p.RetryRun():
            return retry_run(state, command, now)
        case p.UndoCalls():
            return undo_calls(state, command)
        case p.Rewind():
            return rewind(state, command)
        case p.UndoRewind():
            return undo_rewind(state, command)
        case p.OpenConfirmation():
            return open_confirmation(state, command, actor, now)
        case p.Decide():
            return [*decide_confirmation(state, command, actor, now), *granted_along(state, command, actor, house, now)]
        case p.DecideAll():
            return decide_all(state, command, actor, now)
        case p.WithdrawConfirmation():
            return withdraw_confirmation(state, command, actor)
        case p.ClaimCall() | p.RenewClaim() | p.ReleaseClaim() | p.ReportOutput() | p.ReportCall():
            return front_end_call(state, command, actor, now)
        case p.AdmitGuest() | p.RevokeGuest() | p.RequestCalls() | p.WithdrawRequest():
            return guest_command(state, command, actor, now)
        case p.SeeMentions():
            return see_mentions(state, command, actor)
        case p.ReportNotice():
            return report_notice(state, command, actor)
    assert_never(command)
