"""Pauses between a client's attempts to come back; the front end's `socket.ts` keeps the same ones."""

from __future__ import annotations

FIRST_S = 0.3
LONGEST_S = 10.0
GROWTH = 1.25


def pause_after(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures: between a third of the longest pause and all of it, by chance (0 to 1).

    The longest one grows by a quarter each time, so it stays at some three eighths of the time since the loss: whoever
    was away for long is not back later than that, and a crowd that a restart cut off at once comes back spread over it.
    """
    grown = GROWTH ** min(failures - 1, 100)  # a client that was left alone for days fails too often for a float
    return min(FIRST_S * grown, LONGEST_S) * (1 + 2 * chance) / 3
