"""What to say after an action: refused, in doubt, failed, changed by a person, or done."""

from __future__ import annotations

from .cells import read_trouble
from .outcome import Outcome


def mishap(outcome: Outcome) -> str | None:
    """Why the action did not do what was proposed, in a sentence; None when it did."""
    if outcome.refused:
        reason = f" I take note: “{outcome.comment}”." if outcome.comment else ""
        return f"All right, I leave it as it is.{reason}"
    if outcome.doubtful:
        return "I do not know whether that took effect. Please look at the notebook, or let it run again above."
    if outcome.failed:
        return f"That did not work: {_first_line(outcome.result)}"
    trouble = read_trouble(outcome.result)
    if trouble is not None:
        return (
            f"It ran, but ended with `{trouble.name}: {trouble.value}`. Say “fix the error” if I should look into it."
        )
    return None


def stale(outcome: Outcome) -> bool:
    """Whether it failed because a cell had changed since it was read."""
    return outcome.failed and ("not as you read it" in outcome.result or "Changed since it was read" in outcome.result)


def thanks(outcome: Outcome) -> str:
    """A word on a change that somebody made to the action before approving it; empty when there was none."""
    return (
        f"{outcome.edited_by} changed my proposal before it ran, so this is that version. " if outcome.edited_by else ""
    )


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
