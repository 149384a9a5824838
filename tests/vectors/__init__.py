"""Golden vectors that Python and TypeScript both run: the queue of commands, the copy of the state, the policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases of one file."""
    found: list[Case] = json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
    return found


def named(case: Case) -> str:
    """What a case shows."""
    return str(case["name"])
