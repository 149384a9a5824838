"""Visible text: what a person must be able to judge by reading, with nothing in it that hides, poses or is far away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

Hazard = Literal["control", "bidi", "invisible", "space", "lookalike", "combining", "far"]
"""Why a text is not what it looks like; the front end has the same kinds."""

WARNINGS: dict[Hazard, str] = {
    "control": "It has control characters or line ends that most views do not show.",
    "bidi": "It has characters that change the order in which text is shown.",
    "invisible": "It has characters that cannot be seen.",
    "space": "It has unusual spaces.",
    "lookalike": "It has letters or signs that look like others.",
    "combining": "It has marks that cover other characters.",
    "far": "It has long empty stretches with more behind them.",
}

MOST_BLANKS = 40
"""So many blanks in a row are written as their number."""
MOST_EMPTY_LINES = 8
MOST_MARKS = 3
"""So many combining marks may stand on one letter."""
TAB = "→\t"

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EMPTY = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\U00016fe4\U0001d159\U000e0000-\U000e0fff]"
)
_SELECTORS = "\ufe0e\ufe0f"
_JOINER = "\u200d"
_EMOJI = re.compile("[\U0001f000-\U0001faff]")
_OURS = re.compile(r"⟨(?=U\+|\d)")
"""What begins as if it were written by `visible`."""
_FAR = re.compile(
    rf"(?P<lines>(?<![^\n])(?:[ \t]*\n){{{MOST_EMPTY_LINES},}})"
    rf"|(?P<blanks>(?<![ \t])[ \t]{{{MOST_BLANKS},}}(?=[^ \t\n]))"
    r"|(?P<tab>\t)"
)
_WORD = re.compile(r"\w+")

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_TURNED = re.compile(rf"[{_RTL}](?:(?:[^\w\n{_RTL}]|_)*[\d{_RTL}])+")
"""What is drawn from right to left as a whole: no letter that is written from left to right ends it."""
_PHRASE = re.compile(rf"[{_RTL}](?:[ {_RTL}]*[{_RTL}])?")
_ONE_PHRASE = re.compile(rf"[ \d{_RTL}]+")
_SENTENCE = re.compile(rf"(?:[ \d{_RTL}]|[,.;:!?،؛؟…](?= |\d))+")
_COMMENT = re.compile(r"[^\w\"'`]*#")
_OF_CODE = re.compile(r"[=()\[\]{}<>\"'`+*/%&|^~@\\$-]")

_MIXED = {
    "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "SYRIAC", "THAANA", "NKO", "GEORGIAN", "DEVANAGARI", "BENGALI",
    "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO", "TIBETAN",
    "MYANMAR", "ETHIOPIC", "KHMER", "MONGOLIAN", "RUNIC", "OGHAM",
}  # fmt: skip
"""Scripts whose letters and digits are suspicious in a word that has ASCII letters too, as their names begin."""
_POSING = {
    "CHEROKEE", "LISU", "COPTIC", "DESERET", "GOTHIC", "OSAGE", "OLD", "CARIAN", "LYCIAN", "LYDIAN", "VAI", "TIFINAGH",
    "CANADIAN", "ELBASAN",
}  # fmt: skip
"""Scripts that are next to never written in notebooks and have many letters that look like Latin ones."""
_LIKE_ASCII = frozenset("аеорсухѕіјԁԛԝһӏѵАВЕКМНОРСТХҮЅІЈԚԜӀѴοινΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօսհոցɑɡɩȷǃǀ")
"""Letters that are drawn as ASCII letters or signs are."""
_NEARLY = frozenset("αργκχυητ")
"""Greek letters that pass for Latin ones next to those, and are common variables when they stand alone."""
_SIGNS = frozenset("\ua789\u2236\u2215\u2044\u2216\u201a\u2010\u2011\u2043\u2217\u02d0\u02c8\u2223")
"""Signs that are drawn as ASCII signs are, without being compatible with them in Unicode."""


class Mark(NamedTuple):
    """A stretch of a text, from `start` to `end`, that is written as `shown` instead; without hazard it is harmless."""

    start: int
    end: int
    shown: str
    hazard: Hazard | None


def visible(text: str) -> str:
    """The text with every character written out that hides, reorders, or looks like another: ⟨U+202E⟩, ⟨U+00A0 ×40⟩.

    Look-alikes stay and are followed by their number. Tabs get an arrow, long stretches of blanks or empty lines are
    written as their length, and every line end is `\\n`. A text without such characters is returned as it is.
    """
    text = text.replace("\r\n", "\n")
    parts, at = [], 0
    for mark in marks(text):
        parts += [text[at : mark.start], mark.shown]
        at = mark.end
    return "".join([*parts, text[at:]])


def hazards(text: str) -> list[Hazard]:
    """The kinds of hazards in a text, each once, in the order of `WARNINGS`; empty for a text that is what it seems."""
    found = {mark.hazard for mark in marks(text.replace("\r\n", "\n"))}
    return [hazard for hazard in WARNINGS if hazard in found]


def marks(text: str) -> Iterator[Mark]:
    """The stretches of a text with plain line ends that are to be written otherwise, in order."""
    if text.isascii() and _plain(text):
        return
    words, turning = _posing_letters(text), _ends_before_turned(text)
    far = {found.start(): found for found in _FAR.finditer(text)}
    at, combined = 0, 0
    while at < len(text):
        if at in far:
            mark = _stretch(far[at])
            yield mark
            at, combined = mark.end, 0
            continue
        char = text[at]
        combined = combined + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        hazard = "lookalike" if at in words else _hazard(text, at, combined)
        end = at + 1
        if hazard == "lookalike":
            yield Mark(at, end, f"{char}⟨U+{ord(char):04X}⟩", hazard)
        elif hazard is not None:
            while end < len(text) and text[end] == char:
                end += 1
            yield Mark(at, end, _number(char, end - at), hazard)
        elif at in turning:
            # The letters of the number are written from left to right, so that what follows stays behind it.
            yield Mark(at, end, f"{char}⟨U+{ord(char):04X}⟩", "bidi")
        at = end


def _number(char: str, times: int) -> str:
    """A character that is not drawn, as its number; a carriage return ends the line, as it does for Python."""
    number = f"U+{ord(char):04X}" if times == 1 else f"U+{ord(char):04X} ×{times}"
    return f"⟨{number}⟩" + ("\n" if char == "\r" else "")


def _plain(text: str) -> bool:
    """Whether an ASCII text has nothing to write otherwise."""
    return text.replace("\n", " ").isprintable() and _FAR.search(text) is None


def _stretch(found: re.Match[str]) -> Mark:
    start, end = found.span()
    if found["lines"] is not None:
        return Mark(start, end, f"⟨{found['lines'].count(chr(10))} empty lines⟩\n", "far")
    if found["blanks"] is not None:
        return Mark(start, end, f"⟨{end - start} blanks⟩", "far")
    return Mark(start, end, TAB, None)


def _hazard(text: str, at: int, marks: int) -> Hazard | None:
    """What is wrong with a character that is no letter of a posing word."""
    char = text[at]
    category = unicodedata.category(char)
    if char in "\n ":
        return None
    if char in _BIDI:
        return "bidi"
    if category in ("Cc", "Zl", "Zp"):
        return "control"
    if category == "Zs":
        return "space"
    if category in ("Cf", "Co", "Cs", "Cn") or _EMPTY.match(char):
        return None if _EMOJI.match(char) or _is_of_emoji(text, at) else "invisible"
    if marks:
        base = text[at - marks] if at >= marks else " "
        return None if marks <= MOST_MARKS and category != "Me" and base.isalpha() else "combining"
    if not char.isascii() and category[0] in "PS" and (char in _SIGNS or _ascii_of(char) or _OURS.match(text, at)):
        return "lookalike"
    return None


def _is_of_emoji(text: str, at: int) -> bool:
    """Whether the character there belongs to an emoji: a selector after it, or a joiner between two."""
    before = text[at - 1] if at else " "
    if text[at] in _SELECTORS:
        return unicodedata.category(before) in ("So", "Sm")
    if text[at] == _JOINER:
        after = text[at + 1 : at + 2]
        return bool(after) and _is_picture(after) and (_is_picture(before) or before in _SELECTORS)
    return False


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) == "So" or _EMOJI.match(char) is not None


def _ends_before_turned(text: str) -> set[int]:
    """Where phrases from right to left end, after which signs and numbers would be drawn in another order.

    `א - ב` is drawn as its reverse without any character that is not seen. Words and sentences of prose are as they
    should be: they have no signs of code, or stand in the line of a comment.
    """
    return {
        run.start() + phrase.end() - 1
        for run in _TURNED.finditer(text)
        if not _is_prose(text, run)
        for phrase in _PHRASE.finditer(run[0])
        if phrase.end() < len(run[0])
    }


def _is_prose(text: str, run: re.Match[str]) -> bool:
    if _ONE_PHRASE.fullmatch(run[0]):
        return True
    start, end = text.rfind("\n", 0, run.start()) + 1, text.find("\n", run.end())
    line = text[start : end if end >= 0 else len(text)]
    is_sentence = _SENTENCE.fullmatch(run[0]) is not None and _OF_CODE.search(line) is None
    return is_sentence or _COMMENT.match(line) is not None


def _posing_letters(text: str) -> set[int]:
    """Where letters stand that are drawn as ASCII letters, in words where they would be taken for these."""
    if text.isascii():
        return set()
    return {at for word in _WORD.finditer(text) if not word[0].isascii() for at in _posing_in(word[0], word.start())}


def _posing_in(word: str, start: int) -> Iterator[int]:
    has_latin = any(_is_latin(char) for char in word)
    all_alike = all(char.isascii() or char in _LIKE_ASCII or not char.isalpha() for char in word)
    for index, char in enumerate(word):
        if char.isascii() or not (char.isalpha() or unicodedata.category(char) in ("Nd", "Nl")):
            continue
        script = unicodedata.name(char, "").partition(" ")[0]
        beside = word[max(0, index - 1) : index] + word[index + 1 : index + 2]
        if (
            script in _POSING
            or _ascii_of(char)
            or (char in _LIKE_ASCII and (has_latin or all_alike))
            or (char in _NEARLY and any(_is_latin(each) for each in beside))
            or (script in _MIXED and has_latin)
        ):
            yield start + index


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _ascii_of(char: str) -> bool:
    """Whether Unicode holds the character compatible with ASCII text: Python reads such letters as ASCII ones."""
    plain = unicodedata.normalize("NFKC", char)
    return plain != char and plain.isascii() and (len(plain) == 1 or unicodedata.category(char)[0] == "L")
