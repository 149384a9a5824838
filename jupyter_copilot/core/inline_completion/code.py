"""The code around the place where somebody types."""

from __future__ import annotations

from msgspec import Struct


class CodeAround(Struct, frozen=True, kw_only=True):
    """What a front end tells of the place: the text before and after the cursor, and what else the code stands in.

    `above` and `below` are the other cells' sources in their order, `names` the kernel's variables with their types.
    """

    prefix: str
    suffix: str = ""
    language: str = "python"
    above: list[str] = []
    below: list[str] = []
    names: dict[str, str] = {}

    @property
    def line_before(self) -> str:
        """The cursor's line up to the cursor."""
        return self.prefix[self.prefix.rfind("\n") + 1 :]

    @property
    def line_after(self) -> str:
        """The cursor's line behind the cursor."""
        return self.suffix.partition("\n")[0]


_MARKS = {
    "//": (
        *("javascript", "typescript", "java", "scala", "kotlin", "c", "c++", "cpp", "csharp", "c#", "f#", "go", "rust"),
        *("swift", "php", "groovy", "dart"),
    ),
    "--": ("sql", "haskell", "lua"),
    "%": ("matlab", "octave", "prolog", "erlang"),
    ";": ("scheme", "clojure", "lisp", "racket"),
}
_COMMENT_MARKS = {language: mark for mark, languages in _MARKS.items() for language in languages}


def comment_mark(language: str) -> str:
    """What begins a comment in this language; `#` for those that are not known."""
    return _COMMENT_MARKS.get(language.lower(), "#")


def indent_of(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())


def wants_lines(code: CodeAround) -> bool:
    """Whether several lines are due: behind an open block or bracket, a comment, or on a line that is still empty."""
    line = code.line_before.strip()
    if code.line_after.strip():
        return False
    return not line or line.endswith((":", "(", "[", "{", ",")) or line.startswith(comment_mark(code.language))
