"""Charts that are kept as data: what a person would say that they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_PARTS = 12
_PARTS = ("layer", "hconcat", "vconcat", "concat")


def vega_text(spec: Any) -> str:
    """A Vega or Vega-Lite chart: its title, each mark with what its channels show, and its data's columns."""
    if not isinstance(spec, dict):
        return ""
    title = spec.get("title")
    title = title.get("text") if isinstance(title, dict) else title
    lines = [f"Chart{f' “{title}”' if isinstance(title, str) else ''} (Vega)."]
    lines += [line for part, _ in zip(_views(spec), range(MOST_PARTS), strict=False) if (line := _view(part))]
    lines += _vega_data(spec)
    return "\n".join(lines)


def plotly_text(figure: Any) -> str:
    """A Plotly figure: its titles, and each trace with its type, name and first points."""
    if not isinstance(figure, dict):
        return ""
    layout = figure.get("layout")
    layout = layout if isinstance(layout, dict) else {}
    title = _title(layout)
    lines = [f"Chart{f' “{title}”' if title else ''} (Plotly)."]
    for axis in ("xaxis", "yaxis"):
        if name := _title(layout.get(axis)):
            lines.append(f"{axis[0]}: {name}")
    traces = figure.get("data")
    traces = [trace for trace in traces if isinstance(trace, dict)] if isinstance(traces, list) else []
    lines += [_trace(trace) for trace in traces[:MOST_PARTS]]
    if len(traces) > MOST_PARTS:
        lines.append(f"{len(traces) - MOST_PARTS} more traces")
    return "\n".join(lines)


def _views(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield spec
    inner = [part for key in _PARTS if isinstance(spec.get(key), list) for part in spec[key]]
    inner += [spec["spec"]] if isinstance(spec.get("spec"), dict) else []
    for part in inner:
        if isinstance(part, dict):
            yield from _views(part)


def _view(spec: dict[str, Any]) -> str:
    mark = spec.get("mark")
    mark = mark.get("type") if isinstance(mark, dict) else mark
    encoding = spec.get("encoding")
    channels = encoding.items() if isinstance(encoding, dict) else ()
    shown = [f"{name}: {said}" for name, channel in channels if (said := _channel(channel))]
    return f"{mark or 'view'} of {', '.join(shown)}" if shown else (f"{mark}" if isinstance(mark, str) else "")


def _channel(channel: Any) -> str:
    if not isinstance(channel, dict):
        return ""
    field, aggregate = channel.get("field"), channel.get("aggregate")
    if isinstance(aggregate, str):
        return f"{aggregate}({field or ''})"
    return field if isinstance(field, str) else ""


def _vega_data(spec: dict[str, Any]) -> list[str]:
    named = spec.get("datasets")
    tables = list(named.values()) if isinstance(named, dict) else []
    data = spec.get("data")
    own = data.get("values") if isinstance(data, dict) else None
    rows = [table for table in [*tables, own] if isinstance(table, list) and table]
    return [f"data: {len(table)} rows{_columns(table[0])}" for table in rows[:MOST_PARTS]]


def _columns(row: Any) -> str:
    return f" of {', '.join(map(str, list(row)[:20]))}" if isinstance(row, dict) else ""


def _title(holder: Any) -> str:
    title = holder.get("title") if isinstance(holder, dict) else None
    title = title.get("text") if isinstance(title, dict) else title
    return title if isinstance(title, str) else ""


def _trace(trace: dict[str, Any]) -> str:
    name = trace.get("name")
    points = [f"{axis} = {said}" for axis in ("x", "y", "z", "labels", "values") if (said := _points(trace.get(axis)))]
    return f"{trace.get('type', 'trace')}{f' “{name}”' if name else ''}: {'; '.join(points) or 'no points'}"


def _points(values: Any) -> str:
    if isinstance(values, dict) and "bdata" in values:  # numbers that Plotly packed
        return f"numbers ({values.get('dtype', '')}, packed)"
    if not isinstance(values, list) or not values:
        return ""
    first = ", ".join(str(value)[:40] for value in values[:5])
    return first if len(values) <= 5 else f"{first}, … ({len(values)} values)"
