"""What a page names as the test of a promise is there."""

from __future__ import annotations

import re

import pytest

from .pages import DOCS, ROOT, code

NAMED = re.compile(r"\b((?:tests|benchmarks|labextension/test)/[\w./-]*\w)(?:::(\w+))?")


@pytest.mark.parametrize("page", ["security.md", "real-notebooks.md", "performance.md", "house.md", "operations.md"])
def test_each_test_that_a_page_names_is_there(page: str) -> None:
    missing = [
        found[0]
        for found in NAMED.finditer(code(DOCS / page))
        if not (ROOT / found[1]).exists() or (found[2] and f"def {found[2]}(" not in (ROOT / found[1]).read_text())
    ]
    assert missing == []


def test_each_promise_of_security_names_a_test() -> None:
    table = (DOCS / "security.md").read_text().partition("## What is promised")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 16 and all("`tests/" in row or "test/" in row for row in rows)
