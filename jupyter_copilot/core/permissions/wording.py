"""Why a call asks or is refused, in the words of people and of the model."""

from __future__ import annotations

from collections.abc import Iterable

from ... import protocol as p

DANGERS: dict[p.Danger, str] = {
    "deletes": "deletes files or data",
    "installs": "installs software",
    "network": "opens the network",
    "secrets": "reads secrets",
    "restarts": "restarts or ends the kernel",
    "unclear": "does something that cannot be read here",
    "writes": "writes a file",
}


def card_note(because: Iterable[p.Reason]) -> str:
    """What a card says beside the preview: what to look at twice, and what the administrator wants."""
    because = list(because)
    dangers = [DANGERS[reason.about] for reason in because if reason.code == "danger" and reason.about in DANGERS]
    notes = [f"Look twice: as far as can be read, this {_listed(dangers)}."] if dangers else []
    notes += [_of_terms(reason.about) for reason in because if reason.code == "terms"]
    return " ".join(dict.fromkeys(notes))


def refusal(because: Iterable[p.Reason], label: str = "") -> str:
    """What the model is told of a call that is refused."""
    told = {
        "plan": "This chat is in Plan mode: nothing is changed or run. Propose a plan instead (propose_plan).",
        "locked": "People locked this cell for copilots: it may be read, and nothing else.",
        "read-only": "People made this cell read-only for copilots: it may be read and run, and not changed.",
    }
    sentences = []
    for reason in because:
        if reason.code in ("locked", "read-only"):
            sentences.append(f"{told[reason.code]} (cell {reason.about})")
        elif reason.code == "terms":
            sentences.append(f"The administrator of this server does not allow it. {reason.about}".strip())
        else:
            sentences.append(told.get(reason.code, ""))
    return " ".join(["Nothing was done.", *dict.fromkeys(filter(None, sentences))])


def rule_words(rule: p.Rule | p.RuleGranted | p.Grant) -> str:
    """What a rule lets in, as the strip above the message box says it; without when it ends by the clock."""
    return f"{_allowed(rule.scope)} {_ending(rule)}"


def _allowed(scope: p.RuleScope) -> str:
    if scope.command is not None or scope.pattern is not None:
        return f"“{scope.command or scope.pattern}”"
    if scope.tool is not None:
        return f"“{scope.tool}”"
    what = {"read": "reading", "edit": "edits", "execute": "edits and runs"}.get(scope.effect or "", "everything")
    if scope.server is not None:
        return f"{what} with {scope.server}"
    if scope.tags:
        return f"{what} in cells tagged {', '.join(scope.tags)}"
    return f"{what} in {len(scope.cells)} cells" if scope.cells else what


def _ending(rule: p.Rule | p.RuleGranted | p.Grant) -> str:
    if rule.run_id is not None:
        return "until this answer ends"
    if rule.uses is not None:
        left = rule.uses - (rule.used if isinstance(rule, p.Rule) else 0)
        return "once more" if left == 1 else f"{left} more times"
    return "here" if rule.thread_id is None else "in this chat"


def _of_terms(because: str) -> str:
    return (
        f"The administrator wants this asked: {because.rstrip('.')}."
        if because
        else ("The administrator wants this asked each time.")
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
