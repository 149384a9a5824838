"""What one kind of change touches: counted in the tree by an example each, and listed in CONTRIBUTING.md as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
GENERATED = {"labextension/src/protocol/index.ts", "docs/protocol.schema.json", "docs/protocol.md"}
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


class Kind(NamedTuple):
    """What stands for a kind of change, how many files it may touch, and its own folder, which does not count."""

    names: tuple[str, ...]
    most: int
    generated: bool = False
    own: str = "-"


KINDS = {
    "event": Kind(("MentionsSeen", "mentions_seen"), 9, generated=True),
    "change of cells": Kind(("SetType", "set_type"), 8),
    "tool": Kind(("InterruptKernelTool",), 2),
    "agent": Kind(("GuestAgent",), 2, own="jupyter_copilot/agent/guest/"),
}


def sources() -> Iterator[Path]:
    yield from (path for path in (ROOT / "jupyter_copilot").rglob("*.py"))
    yield from (path for path in (ROOT / "labextension/src").rglob("*.ts*"))
    yield from (ROOT / name for name in [*GENERATED, "tests/traces/later.jsonl"] if not name.startswith("label"))


def touched(kind: Kind) -> set[str]:
    """The files that name the example, without those of its own folder."""
    named = re.compile(rf"\b({'|'.join(kind.names)})\b")
    found = {path.relative_to(ROOT).as_posix() for path in sources() if named.search(path.read_text(encoding="utf-8"))}
    return {name for name in found - (set() if kind.generated else GENERATED) if not name.startswith(kind.own)}


@pytest.mark.parametrize("name", KINDS)
def test_a_change_touches_few_files_and_they_are_the_ones_that_newcomers_are_told(name: str) -> None:
    files = touched(KINDS[name])
    assert 0 < len(files) <= KINDS[name].most, sorted(files)
    assert not [file for file in files if f"`{file}`" not in CONTRIBUTING], sorted(files)
