"""What the model is told of people's decisions, and of a call whose end nobody knows."""

from __future__ import annotations

import msgspec
from typing_extensions import assert_never

from ... import protocol as p
from .. import state as s
from ..untrusted_text import as_name


def doubt(message: str) -> str:
    """What people and the model are told of a call whose end is unknown."""
    return (
        f"It is not known whether this took effect. {message} It may have happened wholly, in part or not at all. "
        "Look at the notebook before you act on it."
    )


def decided(confirmation: s.Decided | s.Expired | s.Withdrawn) -> str:
    """A decision in a sentence for the model; empty for an approval without a comment or edits."""
    match confirmation:
        case s.Expired():
            return "Nobody decided in time, so this counts as denied. It was not done."
        case s.Withdrawn():
            return f"Not done. {confirmation.reason or f'Taken back by {as_name(confirmation.by.name)}.'}"
        case s.Decided():
            return _chosen(confirmation)
    assert_never(confirmation)


def _chosen(decision: s.Decided) -> str:
    who = as_name(decision.by.name)
    said = f" {who}'s comment: “{decision.comment}”" if decision.comment else ""
    if decision.kind == "tool_call":
        if decision.option != p.APPROVE:
            return f"{who} denied this: “{decision.comment}”" if decision.comment else f"{who} denied this."
        if decision.edited_args is not None:
            return f"{who} approved this with other arguments: {canonical(decision.edited_args)}.{said}"
        return f"{who} approved this.{said}" if said else ""
    label = next((o.label for o in decision.options if o.id == decision.option), decision.option)
    value = "" if decision.value is None else f" {canonical(decision.value)}"
    return f"{who} chose “{label}”.{value}{said}"


_canonical = msgspec.json.Encoder(order="deterministic")


def canonical(value: object) -> str:
    """A value as JSON, always the same for the same value."""
    return _canonical.encode(value).decode()
