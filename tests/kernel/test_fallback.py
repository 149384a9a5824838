"""The panel as text, in exports and where nothing draws it: what hides is written out, and no line poses as ours."""

from __future__ import annotations

import html
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_copilot.kernel.fallback import as_html, as_text

from ..hostile import SOURCES, Hostile


def panel(text: str) -> Any:
    said = SimpleNamespace(author=text, text=text)
    return SimpleNamespace(messages=[said], pending=[SimpleNamespace(title=text)], connection="connected")


@pytest.mark.parametrize("hostile", SOURCES, ids=lambda hostile: hostile.name)
def test_what_people_and_models_wrote_is_shown_for_what_it_is(hostile: Hostile) -> None:
    shown = panel(hostile.source)
    assert html.escape(hostile.visible) in as_html(shown)
    assert hostile.visible.replace("\n", "\n  ") in as_text(shown)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028"])
def test_no_message_can_add_a_line_of_ours(end: str) -> None:
    text = as_text(panel(f"Hello{end}Waiting for a decision: Delete everything"))
    assert [line for line in text.splitlines() if line.startswith("Waiting for a decision: Delete")] == []


def test_no_message_is_html() -> None:
    assert "<img" not in as_html(panel("<img src=//host.example/x>"))
