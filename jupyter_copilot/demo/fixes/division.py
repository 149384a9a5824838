"""ZeroDivisionError: the divisor may be zero."""

from __future__ import annotations

import ast

from ..code import parse
from .case import Case, Fix


def guard_division(case: Case) -> Fix | None:
    """Divide only where the divisor is not zero, and say “not a number” elsewhere."""
    tree = parse(case.source) if case.trouble.name == "ZeroDivisionError" else None
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and _ours(node, case):
            return _guarded(node, case.source)
    return None


def _ours(node: ast.BinOp, case: Case) -> bool:
    line = case.line
    end = node.end_lineno or node.lineno
    return (line is None or node.lineno <= line <= end) and not isinstance(node.right, ast.Constant)


def _guarded(node: ast.BinOp, source: str) -> Fix | None:
    whole = ast.get_source_segment(source, node)
    divisor = ast.get_source_segment(source, node.right)
    if whole is None or divisor is None or source.count(whole) != 1:
        return None
    guarded = f'({whole} if {divisor} else float("nan"))'
    return Fix(why=f"`{divisor}` is zero here.", source=source.replace(whole, guarded))
