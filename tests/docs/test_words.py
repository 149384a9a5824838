"""What people see is called by the names in docs/words.md, and by no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"""trans\.(?:__|_n|_p)\(\s*((?:'[^']*'|"[^"]*"|`[^`]*`)(?:\s*,\s*(?:'[^']*'|"[^"]*"))?)""")
BOTH = r"\b[Tt]hreads?\b|\b[Cc]onfirmations?\b|is wanted|waits for you|asked by|its turn"
FRONT_END = BOTH + r"|\b[Cc]onversations?\b|with changes|Withdraw|Ask first"


def test_the_front_end_uses_the_words_of_the_list() -> None:
    found = [
        f"{path.name}: {text}"
        for path in (ROOT / "labextension" / "src").rglob("*.ts*")
        for text in SHOWN.findall(path.read_text(encoding="utf-8"))
        if re.search(FRONT_END, text)
    ]
    assert found == []


def test_refusals_of_commands_use_the_words_of_the_list() -> None:
    texts = [text for path in (ROOT / "jupyter_copilot" / "core").rglob("*.py") for text in refusals(path)]
    assert len(texts) > 30
    assert [text for text in texts if re.search(BOTH, text)] == []


def refusals(path: Path) -> Iterator[str]:
    """The texts that a module's `Rejected` have for people."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rejected":
            for argument in [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "hint")]:
                yield "".join(
                    part.value
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                )
