"""Endings: what is wrong with the answer that a run ends with, if anything."""

from __future__ import annotations

from ... import protocol as p
from ...core import state as s

_CUT_OFF = frozenset(("length", "max_tokens", "model_length", "max_output_tokens"))
_FILTERED = frozenset(("content_filter", "safety", "recitation", "prohibited_content", "blocklist", "refusal"))


def shortcoming(answer: s.Complete) -> p.Problem | None:
    """Why the answer is not a whole one: it is cut off, held back or empty. None for one that is."""
    said, reason = bool(answer.text.strip()), (answer.finish_reason or "").lower()
    if reason in _CUT_OFF:
        how = "reached its length limit" if said else "reached its length limit before it said anything"
        return p.Problem(code="limit_answer", message=f"The answer was cut off: the model {how}.", hint=_GO_ON)
    if reason in _FILTERED and not (said and reason == "refusal"):
        message = "The provider held back the answer, or the rest of it, by its rules."
        return p.Problem(code="content_filter", message=message, hint="Put the question in other words.")
    if said:
        return None
    thought = " It only thought about it." if answer.reasoning.strip() else ""
    return p.Problem(code="empty_answer", message=f"The model ended without an answer.{thought}", hint=_ASK_AGAIN)


_GO_ON = "Choose Continue to carry on from here."
_ASK_AGAIN = "Continue to ask it once more, or choose another model."
