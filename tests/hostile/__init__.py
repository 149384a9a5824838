"""Sources that are not what they look like, as every face of the copilot must show them; the front end reads them too.

`sources.json` holds for each what stands in the notebook or is to run (`source`), how it must be drawn (`visible`), and
the kinds of hazards that people are warned of. A card, the panel, a terminal and an export all show `visible`.
"""

from __future__ import annotations

import json
from pathlib import Path

from msgspec import Struct, convert

from jupyter_copilot.core.visible_text import Hazard


class Hostile(Struct, frozen=True):
    """One source of the corpus."""

    name: str
    source: str
    visible: str
    hazards: list[Hazard]


SOURCES = convert(json.loads(Path(__file__).with_name("sources.json").read_text())["sources"], list[Hostile])
