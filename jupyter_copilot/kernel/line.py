"""The line in a cell's output that says what the cell waits for."""

from __future__ import annotations

import html
import sys
from typing import Any

from ..core.visible_text import visible

_STYLE = "border-left: 3px solid {color}; padding: 2px 10px; font-family: var(--jp-ui-font-family, sans-serif);"
_COLORS = {
    "waiting": "var(--jp-warn-color1, #ffa000)",
    "trouble": "var(--jp-error-color1, #d32f2f)",
    "done": "var(--jp-success-color1, #388e3c)",
    "over": "var(--jp-border-color1, #999)",
}
_MARKS = {"waiting": "…", "trouble": "!", "done": "✓", "over": "–"}


class Line:
    """One line of output, changed in place where that is possible; plain text outside of Jupyter."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown: tuple[str, str, str] | None = None

    @property
    def is_shown(self) -> bool:
        """Whether it says something already."""
        return self._shown is not None

    def show(self, kind: str, text: str, more: str = "") -> None:
        """Show `text` and, smaller, `more`; `kind` is waiting, trouble, done or over. What hides is written out."""
        text, more = visible(text), visible(more)
        if (kind, text, more) == self._shown:
            return
        self._shown = (kind, text, more)
        if not _in_ipython():
            print(_plain(kind, text, more), flush=True)
            return
        bundle = {"text/plain": _plain(kind, text, more), "text/html": _html(kind, text, more)}
        if self._handle is None:
            self._handle = _display(bundle)
        else:
            self._handle.update(bundle, raw=True)


def _in_ipython() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _display(bundle: dict[str, str]) -> Any:
    from IPython import display

    show: Any = display.display
    return show(bundle, raw=True, display_id=True)


def _plain(kind: str, text: str, more: str) -> str:
    return f"{_MARKS[kind]} {text} {more}".strip()


def _html(kind: str, text: str, more: str) -> str:
    style = _STYLE.format(color=_COLORS[kind])
    small = f'<br><small style="opacity: 0.75">{html.escape(more)}</small>' if more else ""
    return f'<div style="{style}">{html.escape(f"{_MARKS[kind]} {text}")}{small}</div>'
