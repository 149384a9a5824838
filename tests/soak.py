"""How often a test of chance plays: enough to notice with each run of the tests, and far more often with `make soak`.

A test that asks carries the mark `soak`, which is what `make soak` runs.
"""

from __future__ import annotations

import os

VARIABLE = "COPILOT_SOAK"
IS_SOAK = bool(os.environ.get(VARIABLE))


def rounds(usual: int, soak: int) -> int:
    """So many in this run."""
    return soak if IS_SOAK else usual
