"""Markup that somebody hostile wrote: whatever it is, it is read, and at once."""

from __future__ import annotations

import time

import pytest

from jupyter_copilot.tools.render.markup import text_in

PIECES = [
    "<", "<!--", "<a ", '<a b="', "<a b='", "&#", "&#1", "&a", "<![", "<![CDATA[", "<?", "</", "<!", "<script>",
    "<script></", "<textarea>", "<div>", "<tr><td>", "<x<", " \n", "]]", "--",
]  # fmt: skip


@pytest.mark.parametrize("tail", ["", ">", "-->", "</script>"])
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_page_is_read_at_once(piece: str, tail: str) -> None:
    began = time.process_time()
    text_in(piece * (120_000 // len(piece)) + tail)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><![x y]><p>two</p>", "one\ntwo"),
        ("<p>one</p><![CDATA[three]]><p>two</p>", "one\ntwo"),
        ("<p>one</p> two <b", "one\ntwo <b"),
        ("<p>a &lt; b</p>", "a < b"),
        ("<p>&#" + "1" * 5_000 + ";one</p>", "\ufffdone"),
        ("<p>&#" + "0" * 5_000 + "65;</p>", "A"),
        ("<p>one<!-- never ends", "one<!-- never ends"),
    ],
)
def test_broken_markup_is_read_as_far_as_it_goes(markup: str, text: str) -> None:
    assert text_in(markup) == text
