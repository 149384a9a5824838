"""Fixes: from an error and what is known about the notebook to another source for the cell, one rule a file."""

from __future__ import annotations

from .case import Case, Fix, Rule
from .division import guard_division
from .import_name import import_name
from .near_attribute import near_attribute
from .near_column import near_column
from .near_file import near_file
from .near_name import near_name
from .syntax import mend_syntax

__all__ = ["RULES", "Case", "Fix", "fix_for"]

RULES: tuple[Rule, ...] = (
    import_name,
    near_name,
    near_column,
    near_attribute,
    near_file,
    guard_division,
    mend_syntax,
)


def fix_for(case: Case) -> Fix | None:
    """The first fix that a rule knows."""
    return next((fix for rule in RULES if (fix := rule(case)) is not None), None)
