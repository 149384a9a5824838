"""Admission: whether a call begins, judged on the very state on which its beginning is committed.

What was allowed when it was proposed may not be so any more: a rule was revoked, a mode chosen, a cell locked.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ... import protocol as p
from ...core import state as s
from ...core.model_context.transcript import AGAIN
from ...core.permissions.wording import refusal
from ...ports.tool import Proposal, Tool
from ..run_context import RunContext
from .permission import deciding, note_of, verdict_on
from .proposals import confirmation, expires_at_from

_FOR_PEOPLE = ("plan", "mode")
"""What a person who approves a call decides about."""


class Admission(Struct, frozen=True):
    """A call that is about to begin, as it was proposed just now."""

    ctx: RunContext
    tool: Tool
    proposal: Proposal
    circumstances: p.Circumstances | None

    def of(self, state: s.RoomState, call: s.Call, started: p.CallStarted, now: int) -> list[p.Event]:
        """The events that begin the call, by a rule where it takes one; or that ask people; or that end it."""
        asked = replace(call, circumstances=self.circumstances, preview=self.proposal.preview)
        verdict = verdict_on(self.ctx.room.house, state, asked, now)
        if self._was_approved(call):
            refused = [reason for reason in verdict.because if reason.code not in _FOR_PEOPLE]
            return _refused(call, refused) if verdict.then == "refuse" and refused else [started]
        match verdict.then:
            case "allow":
                used = [] if verdict.rule_id is None else [p.RuleUsed(rule_id=verdict.rule_id, call_id=call.call_id)]
                return [*used, started]
            case "refuse":
                return _refused(call, verdict.because)
            case "ask":
                note = " ".join(filter(None, [self.proposal.note, note_of(asked, verdict)]))
                expires_at = expires_at_from(self.ctx, now)
                policy = deciding(self.ctx.room.house, state, asked, now)
                return [confirmation(call, call.thread_id, self.tool, note, expires_at, policy)]

    def _was_approved(self, call: s.Call) -> bool:
        """Whether people approved it, or chose to do once more what they had approved."""
        return isinstance(call, s.CallConfirmed) or call.call_id.endswith(AGAIN)


def _refused(call: s.Call, because: list[p.Reason]) -> list[p.Event]:
    return [p.CallFinished(call_id=call.call_id, result=p.CallResult(text=refusal(because)), is_error=True)]
