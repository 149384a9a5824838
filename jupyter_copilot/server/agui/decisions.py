"""What people are asked as interrupts, and the answers of a client as decisions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import msgspec
from msgspec import Struct
from typing_extensions import assert_never

from ... import protocol as p
from ...core import state as s
from ...protocol import JsonObject
from ...protocol.errors import Rejected
from . import events as e

_REASONS: dict[p.ConfirmationKind, str] = {
    "tool_call": "tool_call", "question": "input_required", "kernel": "confirmation"
}  # fmt: skip
_COMMENT = {"type": "string", "description": "Told to the agent."}


class Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """The payload of an answer: `approved` for a call, and `option` with perhaps a `value` for everything else."""

    approved: bool | None = None
    option: str | None = None
    value: Any = None
    edited_args: JsonObject | None = None
    comment: str = ""


class Resume(Struct, frozen=True, kw_only=True, rename="camel"):
    """A client's answer to an interrupt, or `cancelled`, which denies or skips it."""

    interrupt_id: str
    status: str
    payload: Any = None


def interrupt(opened: s.Open) -> e.Interrupt:
    """An open confirmation as an interrupt."""
    expires = None if opened.expires_at is None else _iso(opened.expires_at)
    return e.Interrupt(
        id=f"{opened.confirmation_id}@{opened.args_hash}",
        reason=_REASONS[opened.kind],
        message=f"{opened.title}\n\n{opened.body}".strip(),
        tool_call_id=opened.call_id,
        response_schema=_schema(opened),
        expires_at=expires,
        metadata={
            "confirmationId": opened.confirmation_id,
            "argsHash": opened.args_hash,
            "options": msgspec.to_builtins(opened.options),
            "askedBy": opened.opened_by.name,
        },
    )


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, timezone.utc).isoformat().replace("+00:00", "Z")


def _schema(opened: s.Open) -> JsonObject:
    if opened.kind == "tool_call" and any(option.id == p.APPROVE for option in opened.options):
        edited = opened.schema or {"type": "object"}
        fields = {"approved": {"type": "boolean"}, "editedArgs": edited, "comment": _COMMENT}
        return {"type": "object", "properties": fields, "required": ["approved"]}
    offered = {"type": "string", "enum": [option.id for option in opened.options]}
    value = {"value": opened.schema} if opened.schema else {}
    fields = {"option": offered, **value, "comment": _COMMENT}
    return {"type": "object", "properties": fields, "required": ["option"]}


def decision(state: s.RoomState, entry: Resume) -> p.Decide:
    """The decision that an answer stands for, about exactly what was seen. Raises `Rejected`."""
    confirmation_id, _, args_hash = entry.interrupt_id.rpartition("@")
    asked = state.confirmations.get(confirmation_id)
    if asked is None:
        raise Rejected("not_found", "There is no such decision here.", retry="resync")
    if entry.status not in ("resolved", "cancelled"):
        raise Rejected("invalid_value", f"An answer is resolved or cancelled, not {entry.status!r}.")
    try:
        answer = msgspec.convert(entry.payload, Answer) if entry.status == "resolved" else Answer()
    except msgspec.ValidationError as error:
        raise Rejected("invalid_value", f"The answer does not fit its responseSchema: {error}.") from None
    return p.Decide(
        confirmation_id=asked.confirmation_id,
        args_hash=args_hash,
        option=_refusal(asked) if entry.status == "cancelled" else _option(asked, answer),
        value=answer.value,
        edited_args=answer.edited_args,
        comment=answer.comment,
    )


def _option(asked: s.Confirmation, answer: Answer) -> str:
    if answer.option is not None:
        return answer.option
    if answer.approved is None:
        raise Rejected("invalid_value", "The answer says neither approved nor option.", hint="See its responseSchema.")
    if not answer.approved:
        return _refusal(asked)
    return next((option.id for option in asked.options if option.style == "primary"), p.APPROVE)


def _refusal(asked: s.Confirmation) -> str:
    ids = [option.id for option in asked.options]
    known = next((option for option in (p.DENY, p.SKIP, p.STOP) if option in ids), None)
    return known or next((option.id for option in asked.options if option.style != "primary"), p.DENY)


def settled(asked: s.Confirmation) -> e.Custom:
    """How a confirmation ended and who was first, or that it is another thing now than what was seen."""
    value: JsonObject = {"confirmationId": asked.confirmation_id, "status": asked.__struct_config__.tag}
    match asked:
        case s.Decided():
            label = next((o.label for o in asked.options if o.id == asked.option), asked.option)
            text = f"{asked.by.name} decided: {label}."
            value |= {"by": asked.by.name, "option": asked.option, "comment": asked.comment, "at": asked.at}
        case s.Expired():
            text = "Nobody decided in time, so it counts as denied."
        case s.Withdrawn():
            text = f"{asked.by.name} took this back. {asked.reason}".strip()
        case s.Open():
            text = "This has changed since you saw it."
        case _:
            assert_never(asked)
    return e.Custom(name="copilot.settled", value={**value, "title": asked.title, "message": text})
