"""What people decided, as code in a kernel sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from typing_extensions import assert_never

from .. import protocol as p
from ..core import state as s
from ..protocol.errors import NotConfirmed


@dataclass(frozen=True)
class Decision:
    """What was decided, by whom and when; true when it is the option that confirms.

    `option` is the chosen option's id, `label` what people read on it, `value` what they filled in when there was a
    schema. Without a decision, where a default was passed, `by` and `at` are None.
    """

    option: str | None
    value: Any = None
    by: str | None = None
    at: datetime | None = None
    approved: bool = False
    comment: str = ""
    label: str = ""

    def __bool__(self) -> bool:
        return self.approved


def confirming(options: list[p.Option]) -> p.Option | None:
    """The option that lets code go on: the primary one, else the first."""
    return next((option for option in options if option.style == "primary"), options[0] if options else None)


def decision_of(settled: s.Confirmation) -> Decision:
    """The decision on a confirmation that is settled. Raises `NotConfirmed` when it has expired or was withdrawn."""
    match settled:
        case s.Decided():
            chosen = next(option for option in settled.options if option.id == settled.option)
            return Decision(
                option=chosen.id,
                value=settled.value,
                by=settled.by.name,
                at=datetime.fromtimestamp(settled.at / 1000, timezone.utc).astimezone(),
                approved=chosen == confirming(settled.options),
                comment=settled.comment,
                label=chosen.label,
            )
        case s.Expired():
            raise NotConfirmed(f"Nobody decided in time: {settled.title}", code="expired")
        case s.Withdrawn():
            reason = f"{settled.by.name} took it back. {settled.reason}".strip()
            raise NotConfirmed(f"Nobody will decide this: {settled.title} {reason}", code="withdrawn")
        case s.Open():
            raise NotConfirmed(f"Nobody has decided yet: {settled.title}", code="expired")
    assert_never(settled)
