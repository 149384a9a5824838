"""Commands for confirmations."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import RejectCode, Rejected
from .. import policy
from .. import state as s
from ..fingerprints import question_hash
from ..json_schema import schema_problem, value_problem
from ..permissions.deciders import askers_of, not_counted
from ..weight import weight
from .rules import plan_approved
from .threads import live_thread

MAX_OPEN_CONFIRMATIONS = 50
CONFIRM_OPTIONS = [
    p.Option(id="confirm", label="Confirm", style="primary"),
    p.Option(id="cancel", label="Cancel"),
]
QUESTION_OPTIONS = [p.Option(id=p.ANSWER, label="Answer", style="primary"), p.Option(id=p.SKIP, label="Skip")]


def open_confirmation(
    state: s.RoomState, command: p.OpenConfirmation, actor: p.Actor, now: int
) -> list[p.Event]:  # fmt: skip
    live_thread(state, command.thread_id)
    if command.confirmation_id in state.confirmations:
        raise Rejected("already_exists", "There is a decision with this id already.")
    if sum(1 for _ in s.open_confirmations(state)) >= MAX_OPEN_CONFIRMATIONS:
        raise Rejected("limit_reached", f"{MAX_OPEN_CONFIRMATIONS} decisions are open already.")
    if command.schema is not None and (problem := schema_problem(command.schema)) is not None:
        raise Rejected("invalid_args", problem)
    options = command.options or (CONFIRM_OPTIONS if command.kind == "kernel" else QUESTION_OPTIONS)
    ids = [option.id for option in options]
    if len(set(ids)) != len(ids):
        raise Rejected("invalid_args", "Two options have the same id.")
    expires_at = None if command.expires_in_s is None else now + round(command.expires_in_s * 1000)
    return [
        p.ConfirmationOpened(
            confirmation_id=command.confirmation_id,
            kind=command.kind,
            thread_id=command.thread_id,
            title=command.title,
            body=command.body,
            args_hash=question_hash(command.title, command.body, ids, command.schema),
            options=options,
            schema=command.schema,
            policy=p.Policy(right="write", not_opener=command.not_opener and actor.kind == "person"),
            expires_at=expires_at,
        )
    ]


def decide_confirmation(state: s.RoomState, command: p.Decide, actor: p.Actor, now: int) -> list[p.Event]:
    opened = _open(state, command.confirmation_id, now)
    if command.args_hash != opened.args_hash:
        raise Rejected("stale", "What you decided on has changed since you saw it.", retry="resync")
    option = next((o for o in opened.options if o.id == command.option), None)
    if option is None:
        offered = ", ".join(o.id for o in opened.options)
        raise Rejected("invalid_option", f"{command.option!r} was not offered. Offered: {offered}.")
    _check_answer(opened, option, command)
    _check_counts(state, opened, actor, now)
    voted = _vote(opened, option, command, actor)
    if voted and len(opened.votes) + 1 < opened.policy.needed:
        return voted
    return [
        *voted,
        p.ConfirmationDecided(
            confirmation_id=command.confirmation_id,
            args_hash=command.args_hash,
            option=command.option,
            value=command.value,
            edited_args=command.edited_args,
            comment=command.comment,
        ),
        *plan_approved(state, opened, command.option),
    ]


def _check_counts(state: s.RoomState, opened: s.Open, actor: p.Actor, now: int) -> None:
    why = None if actor.kind == "server" else not_counted(opened.policy, actor, askers_of(state, opened), now)
    if why == "asker":
        raise Rejected("forbidden", "You asked for this, so others have to decide it.")
    if why == "named":
        names = ", ".join([*opened.policy.people, *opened.policy.groups])
        raise Rejected("forbidden", f"This is for others to decide: {names}.")


def _vote(opened: s.Open, option: p.Option, command: p.Decide, actor: p.Actor) -> list[p.Event]:
    """The approval of one among several; a refusal needs no others. Raises `Rejected` for a second one."""
    needed = opened.policy.needed
    if needed <= 1 or option.style != "primary":
        return []
    if command.edited_args is not None or command.grant is not None:
        raise Rejected("invalid_args", "Several people decide on exactly this; nobody can change it alone.")
    if any(vote.by.id == actor.id for vote in opened.votes):
        left = needed - len(opened.votes)
        raise Rejected("already_exists", f"You approved this already; {left} more must agree.")
    return [
        p.ConfirmationVoted(
            confirmation_id=command.confirmation_id,
            args_hash=command.args_hash,
            option=command.option,
            comment=command.comment,
        )
    ]


def decide_all(state: s.RoomState, command: p.DecideAll, actor: p.Actor, now: int) -> list[p.Event]:
    """The decisions that are not made yet, in their order; one that is not valid refuses all of them."""
    ids = [each.confirmation_id for each in command.decisions]
    if len(set(ids)) != len(ids):
        raise Rejected("invalid_args", "Two of these decisions are about the same thing.")
    if any(each.grant is not None for each in command.decisions):
        raise Rejected("invalid_args", "Only a single decision can grant a rule.", hint="Grant it by itself.")
    events: list[p.Event] = []
    settled: Rejected | None = None
    for each in command.decisions:
        try:
            events += decide_confirmation(state, each, actor, now)
        except Rejected as error:
            if error.code not in _SETTLED:
                raise
            settled = settled or error
    if settled is not None and not events:
        raise settled
    return events


_SETTLED: frozenset[RejectCode] = frozenset(("already_decided", "expired", "withdrawn"))


def _open(state: s.RoomState, confirmation_id: p.ConfirmationId, now: int) -> s.Open:
    """The open confirmation, or a rejection that says who decided, when and what."""
    found = state.confirmations.get(confirmation_id)
    match found:
        case None:
            raise Rejected("not_found", "There is no such decision here.", retry="resync")
        case s.Decided():
            raise Rejected(
                "already_decided", f"{found.by.name} decided this already: {_label(found)}.", details=_winner(found)
            )
        case s.Expired():
            raise Rejected("expired", "Nobody decided in time, so it counts as denied.", details={"at": found.at})
        case s.Withdrawn():
            raise Rejected(
                "withdrawn", f"{found.by.name} took this back.", details={"by": _who(found.by), "at": found.at}
            )
        case s.Open():
            if found.expires_at is not None and found.expires_at <= now:
                raise Rejected("expired", "The time to decide is over.", details={"at": found.expires_at})
            return found
    assert_never(found)


def _label(decided: s.Decided) -> str:
    return next((o.label for o in decided.options if o.id == decided.option), decided.option)


def _winner(decided: s.Decided) -> dict[str, Any]:
    return {
        "by": _who(decided.by),
        "at": decided.at,
        "option": decided.option,
        "label": _label(decided),
        "comment": decided.comment,
    }


def _who(actor: p.Actor) -> dict[str, Any]:
    return {"kind": actor.kind, "id": actor.id, "name": actor.name, "surface": actor.surface}


def _check_answer(opened: s.Open, option: p.Option, command: p.Decide) -> None:
    if weight(command.edited_args) + weight(command.value) > p.MAX_ARGS_BYTES:
        raise Rejected("too_large", f"What is decided has at most {p.MAX_ARGS_BYTES} bytes.")
    if command.edited_args is not None:
        if opened.kind != "tool_call" or option.id != p.APPROVE:
            raise Rejected("invalid_args", "Only the approval of a step can carry edited arguments.")
        # Models write null for an argument that they leave out; tools take it so, and so may a person who edits.
        needed = (opened.schema or {}).get("required", ())
        edited = command.edited_args.items()
        given = {name: value for name, value in edited if value is not None or name in needed}
        _fits(opened.schema, given, "invalid_args")
    if opened.kind == "tool_call":
        if command.value is not None:
            raise Rejected("invalid_value", "A step is approved or denied; it takes no answer.")
    elif opened.schema is not None and (option.style == "primary" or command.value is not None):
        _fits(opened.schema, command.value, "invalid_value")


def _fits(schema: p.JsonObject | None, value: Any, code: RejectCode) -> None:
    problem = None if schema is None else value_problem(schema, value)
    if problem is not None:
        raise Rejected(code, f"This does not fit what was asked for: {problem}", hint="Correct it and try again.")


def withdraw_confirmation(
    state: s.RoomState, command: p.WithdrawConfirmation, actor: p.Actor
) -> list[p.Event]:  # fmt: skip
    opened = _open(state, command.confirmation_id, now=0)
    if actor.kind != "server" and not policy.is_same(opened.opened_by, actor):
        raise Rejected("forbidden", f"Only {opened.opened_by.name}, who asked, can take this back.")
    return [p.ConfirmationWithdrawn(confirmation_id=command.confirmation_id, reason=command.reason)]
