"""Python source as a tree: which names a cell defines and needs, and which cells must run before it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Sequence

from .cells import CellView

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_BUILTIN = frozenset(dir(builtins)) | {"display", "get_ipython"}


def parse(source: str) -> ast.Module | None:
    """The tree of a cell's source, magics left out; None when it is not Python."""
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except (SyntaxError, ValueError):
        return None


def defined(source: str) -> set[str]:
    """The names that running the source gives a meaning to, at its top level or inside of loops and branches."""
    tree = parse(source)
    return set() if tree is None else _bound(tree)


def needed(source: str) -> set[str]:
    """The names that the source uses and does not define itself, without Python's own."""
    tree = parse(source)
    if tree is None:
        return set()
    loaded = _loaded(tree)
    own = _bound(tree) | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    # A name that is read before it is bound comes from another cell: `df = df.dropna()`.
    return (loaded - own - _BUILTIN) | (_read_first(tree) - _BUILTIN)


def to_run_first(cells: Sequence[CellView], wanted: Iterable[str], known: Iterable[str]) -> list[CellView]:
    """The cells that define the wanted names, and what those need in turn, in the notebook's order.

    Names in `known` have a meaning already. Cells that ended with an error are not chosen.
    """
    have = set(known)
    missing = set(wanted) - have
    chosen: list[CellView] = []
    for cell in reversed(cells):
        if cell.cell_type == "code" and cell.trouble is None and missing & defined(cell.source):
            chosen.append(cell)
            missing = (missing - defined(cell.source)) | (needed(cell.source) - have)
    return chosen[::-1]


def data_frames(source: str) -> set[str]:
    """The names that the source gives to what pandas reads or makes: `df = pd.read_csv(…)`."""
    tree = parse(source)
    if tree is None:
        return set()
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and re.match(r"(pd|pandas)\.(read_\w+|DataFrame)\(", ast.unparse(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def used(source: str) -> set[str]:
    """The names that the source reads."""
    tree = parse(source)
    return set() if tree is None else _loaded(tree)


def imported(source: str) -> set[str]:
    """The names that the source binds by importing."""
    tree = parse(source)
    return set() if tree is None else _imported(tree)


def _imported(tree: ast.Module) -> set[str]:
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _loaded(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _bound(tree: ast.Module) -> set[str]:
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def _read_first(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    read: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr):
            loaded = _loaded(statement)
            inner = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            targets = {n.id for t in getattr(statement, "targets", []) for n in ast.walk(t) if isinstance(n, ast.Name)}
            read |= loaded - bound - (inner - targets)
        bound |= _bound(ast.Module(body=[statement], type_ignores=[]))
    return read & _bound(tree)
