"""What happened about rules, modes and votes, each as a line for a person."""

from __future__ import annotations

from typing_extensions import assert_never

from .. import protocol as p
from ..core import state as s
from ..core.permissions.wording import rule_words


def permission_line(record: p.Record, state: s.RoomState) -> str | None:
    """One line for a record about permission, or None for any other; `state` is the state after the record."""
    who = record.actor.name
    match record.event:
        case p.RuleGranted() as granted:
            return f"+ {who} allows: {rule_words(granted)}  [{granted.rule_id}]"
        case p.RuleUsed() as used:
            call = state.calls.get(used.call_id)
            by = "" if call is None or call.allowed_by is None else f" of {call.allowed_by.granted_by.name}"
            title = used.call_id if call is None else call.preview.title
            return f"▸ {title}: let in by a rule{by}  [{used.rule_id}]"
        case p.RuleEnded() as ended:
            return f"- A rule ended: {_why(ended, who)}  [{ended.rule_id}]"
        case p.ThreadModeChanged() as changed:
            until = " until the answer ends" if changed.one_answer else ""
            return f"{who} chose the mode {mode_name(changed.mode)}{until}."
        case p.ConfirmationVoted() as voted:
            return f"● {_agreed(state, voted.confirmation_id)}, approved by {who}."
        case p.VoteWithdrawn() as withdrawn:
            return (
                f"● {_agreed(state, withdrawn.confirmation_id)}: the approval of {withdrawn.person_id} counts no more."
            )
        case _:
            return None


def _why(ended: p.RuleEnded, who: str) -> str:
    match ended.reason:
        case "revoked":
            return f"revoked by {who}"
        case "time":
            return "its time was up"
        case "mode":
            return "the mode changed"
        case "tool":
            return f"the tool {ended.about} changed"
        case "rights":
            return "who granted it lost the right to"
        case "terms":
            return "the administrator allows no rules"
    assert_never(ended.reason)


def mode_name(mode: str) -> str:
    """What people call a mode; one that is not known asks."""
    return {"plan": "Plan", "auto_edit": "Edit freely", "auto": "Auto"}.get(mode, "Ask")


def _agreed(state: s.RoomState, confirmation_id: p.ConfirmationId) -> str:
    found = state.confirmations.get(confirmation_id)
    return confirmation_id if found is None else f"{found.title}: {len(found.votes)} of {found.policy.needed}"
