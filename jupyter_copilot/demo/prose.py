"""Code in words: what a cell does, one phrase a statement."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .code import parse

_SHOWS = {
    "head": "shows the first rows of {of}",
    "tail": "shows the last rows of {of}",
    "sample": "shows some rows of {of}",
    "info": "lists the columns of {of}",
    "describe": "summarises the columns of {of}",
    "value_counts": "counts the values of {of}",
    "dropna": "drops rows with missing values from {of}",
    "isna": "looks for missing values in {of}",
    "hist": "draws a histogram of {args_or_of}",
    "scatter": "draws a scatter plot of {args_or_of}",
    "bar": "draws bars of {args_or_of}",
    "barh": "draws bars of {args_or_of}",
    "boxplot": "draws box plots of {args_or_of}",
    "plot": "plots {args_or_of}",
    "print": "prints {args}",
    "show": "shows the figure",
    "savefig": "saves the figure to {args}",
}
_DECORATION = {
    "set",
    "set_xlabel",
    "set_ylabel",
    "set_title",
    "xlabel",
    "ylabel",
    "title",
    "legend",
    "tight_layout",
    "grid",
}
_AGGREGATES = {"mean", "median", "sum", "min", "max", "std", "count", "size", "agg", "nunique"}


def describe(source: str) -> list[str]:
    """What the source does, in order; empty for a cell without statements."""
    tree = parse(source)
    if tree is None:
        return ["holds code that is not valid Python"]
    return _phrases(tree.body)


def sentence(phrases: Sequence[str]) -> str:
    """The phrases as one sentence, without its first word and its full stop: “reads …, and shows …”."""
    kept = list(dict.fromkeys(phrases))
    if len(kept) < 2:
        return "".join(kept) or "does nothing"
    return f"{', '.join(kept[:-1])}{',' * (len(kept) > 2)} and {kept[-1]}"


def _phrases(body: Sequence[ast.stmt]) -> list[str]:
    phrases: list[str] = []
    imported: list[str] = []
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imported += _imports(statement)
        else:
            phrases += _statement(statement)
    lead = [f"imports {_list(imported)}"] if imported else []
    return lead + list(dict.fromkeys(phrases))


def _imports(statement: ast.Import | ast.ImportFrom) -> list[str]:
    module = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    return [f"`{module}{a.name}`" + (f" as `{a.asname}`" if a.asname else "") for a in statement.names]


def _statement(node: ast.stmt) -> list[str]:
    match node:
        case ast.Pass():
            return []
        case ast.Expr(value=value):
            return [_expression(value)]
        case ast.Assign(targets=[target], value=value):
            return [_assignment(ast.unparse(target), value)]
        case ast.For(target=target, iter=source, body=body):
            inner = sentence(_phrases(body))
            return [f"for each {_code(target)} of {_value(source)}, it {inner}"]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [f"defines the function `{name}`"]
        case ast.ClassDef(name=name):
            return [f"defines the class `{name}`"]
        case ast.With(body=body) | ast.If(body=body) | ast.Try(body=body) | ast.While(body=body):
            return _phrases(body)
        case _:
            return [f"runs {_code(node)}"]


def _assignment(target: str, value: ast.expr) -> str:
    if isinstance(value, ast.Call):
        name = _name(value.func)
        if name.startswith("read_"):
            return f"reads {_list([_code(a) for a in value.args[:1]])} into `{target}`"
        if name in ("subplots", "figure"):
            return "starts a figure"
        if name == "fillna":
            return f"fills missing values of `{target}`"
        if name in _SHOWS and name not in ("dropna", "isna", "head", "sample"):
            return _expression(value)
    return f"sets `{target}` to {_value(value)}"


def _expression(node: ast.expr) -> str:
    match node:
        case ast.Call(func=func, args=args):
            name = _name(func)
            owner = func.value if isinstance(func, ast.Attribute) else None
            if isinstance(owner, ast.Attribute) and owner.attr == "plot":
                owner = owner.value
            if name in _DECORATION:
                return "labels the figure"
            if name in _SHOWS:
                of = _value(owner) if owner is not None else ""
                listed = _list([_value(a) for a in args]) or "nothing"
                args_or_of = listed if args and _is_axes(owner) else of
                return _SHOWS[name].format(of=of, args=listed, args_or_of=args_or_of)
            return f"computes {_value(node)}"
        case ast.Name():
            return f"shows {_code(node)}"
        case _:
            return f"shows {_value(node)}"


def _value(node: ast.expr | None) -> str:
    """What an expression stands for, in words where we know better words than its code."""
    grouped = _grouping(node)
    if grouped is not None:
        return grouped
    match node:
        case None:
            return ""
        case ast.Subscript(value=ast.Name(id=frame), slice=ast.Constant(value=str(column))):
            return f"`{column}` of `{frame}`"
        case ast.Call(func=ast.Attribute(value=owner, attr="round")):
            return _value(owner)
        case ast.Call(func=ast.Attribute(attr="sum", value=ast.Call(func=ast.Attribute(value=owner, attr=name)))) if (
            name in ("isna", "isnull")
        ):
            return f"the number of missing values of {_value(owner)}"
        case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _AGGREGATES and name != "agg":
            return f"the {name} of {_value(owner)}"
        case _:
            return _code(node)


def _grouping(node: ast.expr | None) -> str | None:
    """`df.groupby("a")["b"].mean()` as “the mean of `b` by `a`”."""
    if node is None or ".groupby(" not in ast.unparse(node):
        return None
    aggregate, columns, inner = "", "", node
    while isinstance(inner, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Call) and _name(inner.func) == "groupby" and inner.args:
            by = ", ".join(f"`{key}`" for key in _keys(inner.args[0]))
            frame = _code(inner.func.value) if isinstance(inner.func, ast.Attribute) else ""
            what = columns or frame
            return f"the {aggregate} of {what} by {by}" if aggregate else f"{what} grouped by {by}"
        if isinstance(inner, ast.Call):
            name = _name(inner.func)
            aggregate = (name if name != "agg" else "summary") if name in _AGGREGATES else aggregate
            inner = inner.func
        elif isinstance(inner, ast.Subscript):
            columns = _list([f"`{key}`" for key in _keys(inner.slice)])
            inner = inner.value
        else:
            inner = inner.value
    return None


def _keys(node: ast.expr) -> list[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [str(item.value) if isinstance(item, ast.Constant) else ast.unparse(item) for item in items]


def _is_axes(owner: ast.expr | None) -> bool:
    return isinstance(owner, ast.Name) and (owner.id in ("plt", "sns") or owner.id.startswith("ax"))


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _code(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


def _list(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
