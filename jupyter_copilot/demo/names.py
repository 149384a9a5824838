"""Near names: which column a person means, and which name somebody mistyped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

_UNITS = frozenset({"mm", "cm", "m", "km", "g", "kg", "mg", "s", "ms", "pct", "usd", "eur", "c", "f"})
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a request or of a name such as `bodyMass_g`, in lower case and without a plural's s."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [_singular(word.lower()) for word in _WORD.findall(spaced)]


def near(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that was probably meant: the same but for case, unit or plural, or nearly spelt so."""
    candidates = [other for other in known if other != name]
    for other in candidates:
        if _core(other) == _core(name):
            return other
    by_lower = {other.lower(): other for other in candidates}
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def mentioned(text: str, names: Sequence[str]) -> list[str]:
    """The names that a request mentions in full, in order: “flipper length” means `flipper_length_mm`."""
    spoken = words(text)
    found = [(_place(spoken, _core(name)), name) for name in names]
    return [name for place, name in sorted((p, n) for p, n in found if p is not None)]


def hinted(text: str, names: Sequence[str]) -> list[str]:
    """The names of which a request has at least one word: “length” may mean two columns."""
    spoken = words(text)
    return [name for name in names if any(_at(spoken, word) is not None for word in _core(name) if len(word) > 2)]


def _core(name: str) -> list[str]:
    parts = words(name)
    return parts[:-1] if len(parts) > 1 and parts[-1] in _UNITS else parts


def _place(spoken: Sequence[str], core: Sequence[str]) -> int | None:
    """Where all words of a name stand in the request."""
    places = [_at(spoken, word) for word in core]
    known = [place for place in places if place is not None]
    # The last word: “bill length against bill depth” mentions the length first.
    return max(known) if known and len(known) == len(places) else None


def _at(spoken: Sequence[str], word: str) -> int | None:
    for place, said in enumerate(spoken):
        if said == word or (len(word) > 4 and difflib.SequenceMatcher(None, said, word).ratio() > 0.8):
            return place
    return None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ies")) else word
