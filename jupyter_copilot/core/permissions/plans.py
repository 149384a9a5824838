"""Plans: what an agent wants to do, step by step, on which people decide once."""

from __future__ import annotations

from typing import Any

from ... import protocol as p

PLAN_TOOL = "propose_plan"
"""The tool whose question is a plan; its approval ends Plan mode, and may grant what the steps do."""
_EFFECTS: tuple[p.Effect, ...] = ("read", "edit", "execute")


def widest_effect(args: p.JsonObject) -> p.Effect:
    """The widest effect that a plan's steps name."""
    steps = args.get("steps")
    return max(
        (_effect_of(step) for step in steps) if isinstance(steps, list) else (), key=_EFFECTS.index, default="read"
    )


def _effect_of(step: Any) -> p.Effect:
    said = step.get("effect") if isinstance(step, dict) else None
    return next((effect for effect in _EFFECTS if effect == said), "read")


def is_within_plan(grant: p.Grant, args: p.JsonObject, run_id: p.RunId) -> bool:
    """Whether a rule lets in no more than a plan says, and only while its answer is given."""
    effect = grant.scope.effect
    return (
        grant.run_id == run_id and effect is not None and _EFFECTS.index(effect) <= _EFFECTS.index(widest_effect(args))
    )
