"""What of a model's answer is shown at the cursor: models say too much, and repeat what stands there already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..visible_text import Hazard, marks
from .code import CodeAround, comment_mark, indent_of, wants_lines

MAX_LINES = 8
_HIDDEN: frozenset[Hazard] = frozenset({"control", "bidi", "invisible"})
_FENCE = re.compile(r"^\s*```[^\n]*\n")


def trimmed(raw: str, code: CodeAround, stop: Sequence[str] = (), *, chat: bool = False) -> tuple[str, bool]:
    """The part of an answer so far that is shown, and whether nothing that may follow would be shown as well.

    An answer of a chat model may come in fences and begin with the line that is being written.
    """
    if chat:
        text, over = _unwrapped(raw, code)
    else:
        text, over = raw.replace("\r\n", "\n"), False
    text, hides = _up_to_hidden(text)
    over = over or hides
    for word in (*stop, f"{comment_mark(code.language)} %%", "\n\n\n"):
        before, found, _ = text.partition(word)
        if found:
            text, over = before, True
    text, cut = _lines(text, code) if wants_lines(code) else _one_line(text)
    return _without_suffix(text, code), over or cut


def _up_to_hidden(text: str) -> tuple[str, bool]:
    """The text up to the first character that a ghost would not show for what it is; whether there is one."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text, False
    for mark in marks(text):
        if mark.hazard in _HIDDEN and text[mark.start] not in mark.shown:
            # What stands last may be of an emoji whose rest is still coming.
            return text[: mark.start], mark.end < len(text)
    return text, False


def _unwrapped(raw: str, code: CodeAround) -> tuple[str, bool]:
    text = raw.replace("\r\n", "\n")
    fence = _FENCE.match(text)
    if not fence and text.strip() and ("```".startswith(text.strip()) or text.lstrip().startswith("```")):
        return "", False  # its first line is still coming
    over = False
    if fence:
        text, end, _ = text[fence.end() :].partition("\n```")
        over = bool(end)
    line = code.line_before
    if not line.strip():
        # The cursor stands behind the indentation already.
        return (text[len(line) :] if text.startswith(line) else text.lstrip(" ")), over
    for repeated in (line, line.lstrip(), line.strip()):
        if text.startswith(repeated):
            return text[len(repeated) :], over
        if repeated.startswith(text):
            return "", over  # perhaps it repeats the line: wait
    return text, over


def _one_line(text: str) -> tuple[str, bool]:
    """One line; a line break in front of it is kept, for a line that is complete already."""
    start = len(text) - len(text.lstrip("\n"))
    if start > 1:
        return "", True
    line, end, _ = text[start:].partition("\n")
    return (text[:start] + line if line.strip() else ""), bool(end)


def _lines(text: str, code: CodeAround) -> tuple[str, bool]:
    """Up to the first line that is indented less than the block that the cursor stands in or has begun."""
    least = indent_of(code.line_before) + code.line_before.rstrip().endswith(":")
    kept: list[str] = []
    first, *others = text.split("\n")
    kept.append(first)
    for number, line in enumerate(others):
        is_last = number == len(others) - 1
        closes = line.strip()[:1] in (")", "]", "}")
        # The last line may still be coming, so that its indentation is not known yet.
        if line.strip() and indent_of(line) < least and not closes:
            return _stripped(kept), True
        if is_last and not line.strip():
            break
        if sum(bool(each.strip()) for each in kept) >= MAX_LINES:
            return _stripped(kept), True
        kept.append(line)
    return "\n".join(kept), False


def _stripped(lines: list[str]) -> str:
    return "\n".join(lines).rstrip()


def _without_suffix(text: str, code: CodeAround) -> str:
    """The text without an end that stands behind the cursor already."""
    rest = code.line_after.rstrip()
    if rest.strip():
        for size in range(min(len(rest), len(text)), 0, -1):
            if text.endswith(rest[:size]) and (size == len(rest) or rest[:size].strip(" \t") in _CLOSERS):
                return text[: len(text) - size]
        return text
    following = next((line for line in code.suffix.split("\n") if line.strip()), "")
    lines = text.split("\n")
    if len(following.strip()) > 2:
        for number, line in enumerate(lines):
            if line.rstrip() == following.rstrip() and number:
                return "\n".join(lines[:number]).rstrip()
    return text


_CLOSERS = {")", "]", "}", "'", '"', "')", '")', "']", '"]', "))", ")]", "])", "):"}
