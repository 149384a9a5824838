"""Who may do what: the one place that compares rights with wishes.

The browser asks the same (`core/policy.ts`), so that it offers nothing that is refused; both run the vectors in
`tests/vectors/policy.json`.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from .. import protocol as p
from . import state as s
from .permissions.by_itself import by_itself

Bar = Literal["read", "write", "decide", "execute", "opener", "kernel", "guest", "kind", "alone"]
"""What keeps an actor from a command: a right that it lacks, that it asked itself, what it is, or that one of several
decisions has to be made by itself."""

KERNEL_COMMANDS = (p.PostMessage, p.OpenConfirmation, p.WithdrawConfirmation)
CLAIM_COMMANDS = (p.ClaimCall, p.RenewClaim, p.ReleaseClaim, p.ReportOutput, p.ReportCall)
GUEST_COMMANDS = (p.RequestCalls, p.WithdrawRequest)
WIDENING_COMMANDS = (p.Decide, p.DecideAll, p.SetMode, p.GrantRule, p.RetryRun, p.AdmitGuest, *CLAIM_COMMANDS)
"""What widens what happens, or says what did: it takes the right to decide besides."""


def right_to_decide(effect: p.Effect) -> p.Right:
    """The right that approving a call with this effect takes."""
    return "execute" if effect == "execute" else "write"


def right_to_grant(scope: p.RuleScope) -> p.Right:
    """The right that granting a rule takes: what could let something run takes that to execute."""
    return "write" if scope.effect in ("read", "edit") else "execute"


def right_to_set(mode: str) -> p.Right:
    """The right that choosing a mode takes."""
    return "execute" if mode == "auto" else "write"


def bar(state: s.RoomState, command: p.Command, actor: p.Actor, rights: Set[p.Right]) -> Bar | None:
    """What keeps this actor from giving this command, or None when it may."""
    if isinstance(command, p.DecideAll):
        # Who may not make one of the decisions makes none of them.
        bars = (bar(state, each, actor, rights) for each in command.decisions)
        is_alone = any(by_itself(state, each) for each in command.decisions)
        return next((each for each in bars if each is not None), "alone" if is_alone else None)
    if actor.kind == "kernel":
        # It runs code that anybody, the agent included, can write: it may ask, and it never decides.
        return None if isinstance(command, KERNEL_COMMANDS) else "kernel"
    if actor.kind == "guest":
        # It comes from outside: it asks for calls, on which people decide as on those of any agent.
        return None if isinstance(command, GUEST_COMMANDS) else "guest"
    if actor.kind == "server":
        return None
    if actor.kind != "person" or isinstance(command, GUEST_COMMANDS):
        return "kind"
    needed = _needed_right(state, command)
    if needed not in rights:
        return needed
    if isinstance(command, WIDENING_COMMANDS) and "decide" not in rights:
        return "decide"
    if isinstance(command, p.Decide):
        opened = state.confirmations.get(command.confirmation_id)
        if opened is not None and opened.policy.not_opener and is_same(opened.opened_by, actor):
            return "opener"
    return None


def refusal(state: s.RoomState, command: p.Command, actor: p.Actor, rights: Set[p.Right]) -> str | None:
    """Why this actor may not give this command, in a sentence, or None when it may."""
    barred = bar(state, command, actor, rights)
    if barred == "kernel":
        return _kernel_refusal(command)
    return None if barred is None else _WORDS[barred]


def is_same(a: p.Actor, b: p.Actor) -> bool:
    """Whether two actors are the same person or kernel, whatever tab or surface they use."""
    return (a.kind, a.id) == (b.kind, b.id)


_WORDS: dict[Bar, str] = {
    "read": "You may not see this notebook's copilot.",
    "write": "You may watch here, but not ask or decide.",
    "decide": "Here this takes a sign-in in a browser, with a password or through a Hub; a token is not enough.",
    "execute": "You may not approve what runs code. Ask somebody with the right to execute.",
    "opener": "Somebody else than the one who asked has to decide this.",
    "guest": "A guest asks for calls and decides nothing: people decide, in the notebook's sidebar.",
    "kind": "This is not for you to command.",
    "alone": "One of these fetches something, is dangerous, or hides characters: look at it and approve it by itself.",
}


def _kernel_refusal(command: p.Command) -> str:
    if isinstance(command, p.Decide | p.DecideAll):
        return "A kernel cannot decide. A person decides in the sidebar, in a panel, or with `jupyter copilot decide`."
    return f"A kernel may not give the command {type(command).__struct_config__.tag}."


def _needed_right(state: s.RoomState, command: p.Command) -> p.Right:
    match command:
        case p.Decide():
            opened = state.confirmations.get(command.confirmation_id)
            needed: p.Right = opened.policy.right if opened is not None else "write"
            return needed if needed == "execute" or command.grant is None else right_to_grant(command.grant.scope)
        case p.GrantRule():
            return right_to_grant(command.grant.scope)
        case p.SetMode():
            return right_to_set(command.mode)
        case p.ClaimCall() | p.RenewClaim() | p.ReleaseClaim() | p.ReportOutput() | p.ReportCall():
            call = state.calls.get(command.call_id)
            return right_to_decide(call.effect) if call is not None else "write"
        case _:
            return "write"
