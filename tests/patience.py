"""How long tests wait for what has no clock of its own: longer on a machine that is slow or busy.

The speed is measured once, when the tests begin, and handed on to the processes that they start. A test that goes well
takes no longer for it; one that hangs is found out later.
"""

from __future__ import annotations

import json
import os
import time

VARIABLE = "COPILOT_SLOWNESS"
WORK_S = 0.2
"""What the work below takes on an idle machine of the kind that CI has."""
LEAST = 3.0
"""What tests take for an idle machine at best: they run side by side, with kernels and browsers of their own, and other
work may begin after the measurement. To wait for longer costs nothing where all goes well."""
MOST = 12.0


def _measured() -> float:
    """How many times as long as it should some work takes now, waiting for a core included."""
    begun = time.perf_counter()
    for size in range(2400):
        json.loads(json.dumps([{"n": n, "text": "x" * 20} for n in range(size % 200)]))
    return (time.perf_counter() - begun) / WORK_S


SLOWNESS = min(max(float(os.environ.get(VARIABLE) or _measured()), LEAST), MOST)
os.environ[VARIABLE] = f"{SLOWNESS:.2f}"


def scaled(seconds: float) -> float:
    """So many seconds of an idle machine."""
    return seconds * SLOWNESS
