"""Sources that are not what they look like, as every face of the copilot must show them; the front end reads them too.

`sources.json` holds for each what stands in the notebook or is to run (`source`), how it must be drawn (`visible`), and
the kinds of hazards that people are warned of. A card, the panel, a terminal and an export all show `visible`.

`fetching.json` holds sources of cells, and the hosts that drawing them may fetch from: an empty list where none can be
made out, null where provably nothing is fetched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from msgspec import Struct, convert

from jupyter_copilot.core.visible_text import Hazard


class Hostile(Struct, frozen=True):
    """One source of the corpus."""

    name: str
    source: str
    visible: str
    hazards: list[Hazard]


class Drawn(Struct, frozen=True):
    """A cell, and what drawing it may fetch from."""

    name: str
    cell_type: str
    source: str
    hosts: list[str] | None


def _read(name: str, key: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text())[key]


SOURCES = convert(_read("sources.json", "sources"), list[Hostile])
CELLS = convert(_read("fetching.json", "cells"), list[Drawn])
