"""The sentences that the page says, as they stand in its source, and what a translation of them lacks or has too much.

Usage: python scripts/messages.py de_DE
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "labextension/src"
LOCALES = ROOT / "jupyter_copilot/locale"

_TEXT = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
_ONE = re.compile(rf"\b[Tt]rans\s*\.\s*__\(\s*{_TEXT}")
_MANY = re.compile(rf"\b[Tt]rans\s*\.\s*_n\(\s*{_TEXT}\s*,\s*{_TEXT}")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")


def spoken() -> dict[str, int]:
    """Each sentence, and in how many forms it needs to be translated: two where it counts something."""
    found: dict[str, int] = {}
    for path in sorted(SOURCES.rglob("*.ts*")):
        source = path.read_text(encoding="utf-8")
        found |= {_plain(one[1] or one[2] or ""): 1 for one in _ONE.finditer(source)}
        found |= {_plain(many[1] or many[2] or ""): 2 for many in _MANY.finditer(source)}
    return found


def catalog(locale: str) -> dict[str, list[str]]:
    """The translation of each sentence, in its forms; without the head of the file."""
    path = LOCALES / locale / "LC_MESSAGES/jupyter_copilot.json"
    entries: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    entries.pop("")
    return entries


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else found[1], text)


def main() -> None:
    """Print what is missing (+) and what nobody says any more (-)."""
    wanted, there = spoken(), catalog(sys.argv[1])
    for sentence in sorted(wanted.keys() - there.keys()):
        print("+", sentence)
    for sentence in sorted(there.keys() - wanted.keys()):
        print("-", sentence)


if __name__ == "__main__":
    main()
