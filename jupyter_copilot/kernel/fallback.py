"""The panel as readable text, where nothing draws it: exports, other front ends, plain terminals."""

from __future__ import annotations

import html
from typing import Any

from ..core.visible_text import visible

_INSTALL = (
    "Nothing draws the panel here. Open the notebook in JupyterLab or Notebook 7 with jupyter-collaborative-copilot "
    "installed in the server's environment."
)
TEXT_ONLY = {
    "_model_module": "@jupyter-widgets/controls",
    "_model_module_version": "2.0.0",
    "_model_name": "HTMLModel",
    "_view_module": "@jupyter-widgets/controls",
    "_view_module_version": "2.0.0",
    "_view_name": "HTMLView",
}
"""A panel without access, as a widget that every page draws: where there is no server of ours, nothing draws ours."""
_PARAGRAPH = '<p style="margin: 6px 0 0">'


def as_text(panel: Any) -> str:
    """The conversation and what waits, as lines."""
    lines = ["Copilot"]
    lines += [f"{_indented(message.author)}: {_indented(message.text)}" for message in panel.messages]
    lines += [f"Waiting for a decision: {_indented(waiting.title)}" for waiting in panel.pending]
    if panel.connection not in ("connected", "connecting"):
        lines.append(panel.connection)
    return "\n".join(lines)


def _indented(text: str) -> str:
    """A text whose later lines cannot be taken for lines of ours."""
    return visible(text).replace("\n", "\n  ")


def as_html(panel: Any) -> str:
    """The same as HTML without scripts; every text is escaped."""
    said = "".join(
        f"{_PARAGRAPH}<b>{html.escape(visible(message.author))}</b><br>"
        f'<span style="white-space: pre-wrap">{html.escape(visible(message.text))}</span></p>'
        for message in panel.messages
    )
    waiting = "".join(
        f"<li>Waiting for a decision: {html.escape(visible(waiting.title))}</li>" for waiting in panel.pending
    )
    trouble = panel.connection if panel.connection not in ("connected", "connecting") else _INSTALL
    return (
        '<section style="border: 1px solid #8886; border-radius: 4px; padding: 8px 12px; line-height: 1.5">'
        f'<h4 style="margin: 0">Copilot</h4>{said}{f"<ul>{waiting}</ul>" if waiting else ""}'
        f"{_PARAGRAPH}<small>{html.escape(trouble)}</small></p></section>"
    )
