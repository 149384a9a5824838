"""What is told to a model of the code around a place: a text before it and one behind it, of bounded size.

What changes least stands first, so that a server that keeps the beginning of a prompt has it: imports of cells that are
left out, the kernel's names, the cells above in their order, and then the cell itself up to the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from .code import CodeAround, comment_mark
from .templates import without_tokens

PREFIX_CHARS = 6000
"""About 1,700 tokens."""
SUFFIX_CHARS = 2000
MAX_NAMES = 40
MAX_IMPORTS = 30
_IMPORT = re.compile(r"^(?:import\s|from\s+\S+\s+import\s|library\(|using\s|require\(|#include\s)")


class Infill(Struct, frozen=True, kw_only=True):
    """The text before and behind the gap, and how many other cells and names of the kernel it tells of."""

    prefix: str
    suffix: str
    cells: int
    names: int

    @property
    def chars(self) -> int:
        """How much it is."""
        return len(self.prefix) + len(self.suffix)


def gather(code: CodeAround, prefix_chars: int = PREFIX_CHARS, suffix_chars: int = SUFFIX_CHARS) -> Infill:
    """The place as a model is told of it; cells are told whole or not at all, the nearest first."""
    mark = comment_mark(code.language)
    between = f"\n\n{mark} %%\n"
    own = _tail(without_tokens(code.prefix), prefix_chars)
    names = _names(code, mark)
    cells = _whole_cells(reversed(code.above), prefix_chars - len(own) - sum(map(len, names)), len(between))
    cells.reverse()
    head = "\n".join([*_imports(code.above[: len(code.above) - len(cells)]), *names])
    behind = _head(without_tokens(code.suffix), suffix_chars)
    after = _whole_cells(code.below, suffix_chars - len(behind), len(between))
    return Infill(
        prefix=between.join(filter(None, [head, *cells])) + (between if head or cells else "") + own,
        suffix=behind + "".join(between + cell for cell in after),
        cells=len(cells) + len(after),
        names=len(names),
    )


def _whole_cells(cells: Iterable[str], room: int, between: int) -> list[str]:
    taken: list[str] = []
    for cell in cells:
        text = without_tokens(cell).strip("\n")
        if not text.strip():
            continue
        room -= len(text) + between
        if room < 0:
            break
        taken.append(text)
    return taken


def _names(code: CodeAround, mark: str) -> list[str]:
    """The kernel's names that the code around uses, and as many others as there is room for, each in a comment."""
    near = set(re.findall(r"\w+", "\n".join([*code.above[-3:], code.prefix, code.suffix])))
    ordered = sorted(code.names, key=lambda name: name not in near)
    return [f"{mark} {_line(name)}: {_line(code.names[name])}" for name in ordered[:MAX_NAMES]]


def _imports(cells: Sequence[str]) -> list[str]:
    lines = [line.rstrip() for cell in cells for line in cell.split("\n") if _IMPORT.match(line)]
    return list(dict.fromkeys(map(_line, lines)))[-MAX_IMPORTS:]


def _line(text: str) -> str:
    return " ".join(without_tokens(text).split())[:120]


def _tail(text: str, limit: int) -> str:
    """The end of the text, from the beginning of a line on."""
    return text if len(text) <= limit else text[-limit:].partition("\n")[2] or text[-limit:]


def _head(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rpartition("\n")[0] or text[:limit]
