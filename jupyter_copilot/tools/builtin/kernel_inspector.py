"""What runs inside of a Python kernel to look at its variables.

The source of this module is sent to the kernel as text and executed apart from the user's variables, so it needs
nothing but the standard library of Python 3.8. It imports no library that the kernel has not loaded, calls no method of
an unknown object but `__repr__` of the one variable that was asked for, and lets no odd object break it.
"""

from __future__ import annotations

import inspect
import itertools
import json
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

MARK = "\x1e"
MAX_VARIABLES = 200
MAX_TEXT = 6000
MAX_COLUMNS = 60
MAX_CELLS_COUNTED = 20_000_000
SHAPED = ("cupy", "dask", "jax", "jaxlib", "pyarrow", "scipy", "tensorflow", "torch", "xarray")
CONTAINERS: dict[type, str] = {list: "[]", tuple: "()", set: "{}", frozenset: "{}", dict: "{}"}


def answer(namespace: dict[str, Any], name: str | None) -> None:
    """Print what was asked for as JSON between marks: all variables, or the one of this name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = variables(namespace) if name is None else variable(namespace, name)
    print(MARK + json.dumps(found) + MARK, flush=True)


def variables(namespace: dict[str, Any]) -> dict[str, Any]:
    """The user's variables, each with its type and a short summary; `more` counts those left out."""
    hidden = _hidden()
    shown = [
        {"name": _cut(name, 80), "type": attempt(type_name, value), "summary": _cut(attempt(summary, value), 160)}
        for name, value in dict(namespace).items()
        if _is_users(name, value) and not (name in hidden and hidden[name] is value)
    ]
    return {"variables": shown[:MAX_VARIABLES], "more": max(len(shown) - MAX_VARIABLES, 0)}


def variable(namespace: dict[str, Any], name: str) -> dict[str, Any]:
    """One variable: its type, facts line by line, and its value in short. Unknown: `names` lists what there is."""
    if name not in namespace:
        return {"names": [_cut(each["name"], 80) for each in variables(namespace)["variables"]]}
    value = namespace[name]
    found = attempt(details, value)
    facts, text = found if type(found) is tuple else ([found], attempt(show, value))
    return {
        "type": attempt(type_name, value),
        "facts": [_cut(fact, 300) for fact in facts if fact],
        "text": _cut(text, MAX_TEXT),
    }


def attempt(function: Callable[..., Any], *args: Any) -> Any:
    """The function's result, or a note of how it failed; an interruption goes through."""
    try:
        return function(*args)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return f"<{type(error).__name__} while looking at it>"


def type_name(value: Any) -> str:
    """The type's name, with the package that it comes from."""
    kind = type(value)
    package = str(kind.__module__).partition(".")[0]
    return _cut(kind.__qualname__ if package in ("builtins", "__main__") else package + "." + kind.__qualname__, 120)


def summary(value: Any) -> str:
    """The least that is worth knowing, without calling code of an unknown type."""
    kind = type(value)
    if kind in (bool, int, float, complex, str, bytes, type(None)):
        return show(value, 80)
    if kind in CONTAINERS:
        return f"{len(value):,} items"
    if _is(value, "pandas", "DataFrame") or _is(value, "polars", "DataFrame"):
        return f"{len(value):,} × {len(value.columns):,}"
    if _is(value, "pandas", "Series") or _is(value, "polars", "Series") or _is(value, "pandas", "Index"):
        return f"{len(value):,} of {value.dtype}"
    if _is(value, "numpy", "ndarray") or _is(value, "numpy", "generic"):
        return f"{_array_shape(value)} {value.dtype}"
    if kind.__module__.partition(".")[0] in SHAPED and hasattr(kind, "shape"):
        return " ".join(str(getattr(value, each)) for each in ("shape", "dtype", "device") if hasattr(kind, each))
    if kind is types.FunctionType:
        return signature(value)
    return "class" if isinstance(value, type) else ""


def details(value: Any) -> tuple[list[str], str]:
    """Facts about the value, line by line, and the value in short."""
    if _is(value, "pandas", "DataFrame"):
        return pandas_frame(value)
    if _is(value, "pandas", "Series"):
        facts = [f"{len(value):,} values of {value.dtype}", f"nulls: {_pandas_nulls(value):,}"]
        return facts, value.head(10).to_string()
    if _is(value, "polars", "DataFrame"):
        return polars_frame(value)
    if _is(value, "numpy", "ndarray"):
        return numpy_array(value)
    if type(value) in CONTAINERS:
        return [f"{len(value):,} items"], show(value)
    if type(value) is str or type(value) is bytes:
        return [f"{len(value):,} long"], show(value)
    if callable(value):
        return ["signature: " + attempt(signature, value)], (inspect.getdoc(value) or "")
    return [attempt(summary, value), attempt(_attributes, value)], show(value)


def pandas_frame(frame: Any) -> tuple[list[str], str]:
    """Shape, index, then each column with its dtype and nulls, and the first rows."""
    rows, columns = frame.shape
    part = frame.iloc[:, :MAX_COLUMNS]
    counted = part if part.size <= MAX_CELLS_COUNTED else part.head(MAX_CELLS_COUNTED // max(part.shape[1], 1))
    nulls = [int(count) for count in counted.isna().sum()]
    where = "" if len(counted) == rows else f" in the first {len(counted):,} rows"
    facts = [f"{rows:,} rows × {columns:,} columns", "index: " + type(frame.index).__name__]
    for index, name in enumerate(part.columns):
        facts.append(_column(name, part.dtypes.iloc[index], nulls[index], where))
    if columns > MAX_COLUMNS:
        facts.append(f"{columns - MAX_COLUMNS:,} more columns")
    return facts, part.iloc[:5, :20].to_string(max_colwidth=50)


def polars_frame(frame: Any) -> tuple[list[str], str]:
    """Shape, then each column with its dtype and nulls, and the first rows."""
    part = frame[:, :MAX_COLUMNS]
    facts = [f"{len(frame):,} rows × {len(frame.columns):,} columns"]
    nulls = part.null_count().row(0)
    for index, (name, dtype) in enumerate(part.schema.items()):
        facts.append(_column(name, dtype, nulls[index], ""))
    return facts, str(part.head(5))


def numpy_array(array: Any) -> tuple[list[str], str]:
    """Shape, dtype and range, and the corners of the array."""
    facts = [f"shape: {_array_shape(array)}", f"dtype: {array.dtype}"]
    numpy = sys.modules["numpy"]
    if array.dtype.kind in "iuf" and 0 < array.size <= MAX_CELLS_COUNTED:
        low, high, mean = numpy.nanmin(array), numpy.nanmax(array), numpy.nanmean(array)
        facts.append(f"min {low}, max {high}, mean {mean:.6g}")
    if array.dtype.kind == "f" and 0 < array.size <= MAX_CELLS_COUNTED:
        facts.append(f"nan: {int(numpy.isnan(array).sum()):,}")
    return facts, numpy.array2string(array, threshold=60, edgeitems=3)


def show(value: Any, limit: int = MAX_TEXT, depth: int = 3) -> str:
    """The value's representation, of containers only the beginning."""
    if type(value) in (str, bytes):
        return _cut(repr(value[:limit]), limit)
    if type(value) not in CONTAINERS:
        return _cut(attempt(repr, value), limit)
    opening, closing = tuple(CONTAINERS[type(value)])
    if depth == 0:
        return opening + "…" + closing if value else opening + closing
    each = max(limit // 8, 40)
    parts = []
    for item in itertools.islice(value, 20):
        text = show(item, each, depth - 1)
        parts.append(text + ": " + show(value[item], each, depth - 1) if type(value) is dict else text)
    if len(value) > 20:
        parts.append(f"… {len(value) - 20:,} more")
    return _cut(opening + ", ".join(parts) + closing, limit)


def signature(function: Any) -> str:
    """How it is called."""
    return str(inspect.signature(function))


def _is(value: Any, module: str, name: str) -> bool:
    # `type(value)`, not `value.__class__`: the latter can be made up.
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and issubclass(type(value), kind)


def _is_users(name: Any, value: Any) -> bool:
    return type(name) is str and not name.startswith("_") and type(value) is not types.ModuleType


def _attributes(value: Any) -> str:
    names = [name for name in vars(value) if not name.startswith("_")] if hasattr(value, "__dict__") else []
    return f"attributes: {', '.join(names[:40])}" if names else ""


def _pandas_nulls(series: Any) -> int:
    return int(series.head(MAX_CELLS_COUNTED).isna().sum())


def _array_shape(array: Any) -> str:
    return " × ".join(map(str, array.shape)) or "scalar"


def _column(name: Any, dtype: Any, nulls: int, where: str) -> str:
    return f"column {show(name, 80)}: {dtype}" + (f", {nulls:,} nulls{where}" if nulls else "")


def _cut(text: object, limit: int) -> str:
    """At most so many characters, all of which can be written as UTF-8."""
    text = str(text)
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.encode("utf-8", "replace").decode("utf-8")


def _hidden() -> dict[str, Any]:
    """What IPython itself put among the user's variables."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return dict(getattr(shell, "user_ns_hidden", {}))
