"""The ids of cells whose file keeps none, so that the agent, every tab and the file mean the same cell by the same id.

Notebooks of nbformat 4.0 to 4.4 have no ids, and whoever opens one makes up others. Here they are remembered.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher

MOST_COMPARED = 2_000
"""Cells between the first and the last difference that are still compared by their order."""


class CellIds:
    """What the cells of one notebook are called, by their order and versions when they were last seen.

    `recorded` gives the ids that the room's log knows for versions, from before this process.
    """

    def __init__(self, recorded: Callable[[], Mapping[str, str]] = dict) -> None:
        self._recorded = recorded
        self._ids: list[str] | None = None
        self._versions: list[str] = []

    def named(self, versions: Sequence[str]) -> list[str]:
        """The ids of cells of these versions, in order: what they were called before, also where one was changed.

        A cell that was not there before gets an id made of its version, which is the same wherever it is made.
        """
        found = self._known(versions) if self._ids is None else aligned(self._ids, self._versions, versions)
        named = named_apart(found, versions)
        self.learn(named, versions)
        return named

    @property
    def latest(self) -> tuple[list[str] | None, list[str]]:
        """The ids and versions that the next ones are compared with; never to be changed in place."""
        return self._ids, self._versions

    def learn(self, ids: Sequence[str], versions: Sequence[str]) -> None:
        """These cells are called so by who holds them."""
        self._ids, self._versions = list(ids), list(versions)

    def _known(self, versions: Sequence[str]) -> list[str | None]:
        recorded, count = self._recorded(), Counter(versions)
        taken: set[str] = set()
        known: list[str | None] = []
        for version in versions:
            cell_id = recorded.get(version) if count[version] == 1 else None
            known.append(None if cell_id in taken else cell_id)
            taken.add(cell_id or "")
        return known


def aligned(ids: Sequence[str], before: Sequence[str], now: Sequence[str]) -> list[str | None]:
    """The id of each cell of `now`, given those of the cells `before`; None for one that is new.

    Cells of the same version in the same order are the same, then one that moved, then one that stands in the place of
    another: it was changed.
    """
    found: list[str | None] = [None] * len(now)
    gaps = _gaps(before, now, found, ids)
    left: dict[str, deque[int]] = defaultdict(deque)
    for old, _ in gaps:
        for i in old:
            left[before[i]].append(i)
    moved: set[int] = set()
    for _, new in gaps:
        for j in new:
            if left[now[j]]:
                i = left[now[j]].popleft()
                found[j] = ids[i]
                moved.add(i)
    for old, new in gaps:
        changed = (i for i in old if i not in moved)
        for j in new:
            if found[j] is None:
                found[j] = next((ids[i] for i in changed), None)
    return found


def _gaps(
    before: Sequence[str], now: Sequence[str], found: list[str | None], ids: Sequence[str]
) -> list[tuple[range, range]]:
    """Take over the ids where the order is the same; what lies between, as ranges before and now."""
    most = min(len(before), len(now))
    head = next((i for i in range(most) if before[i] != now[i]), most)
    tail = next((i for i in range(most - head) if before[-1 - i] != now[-1 - i]), most - head)
    found[:head] = ids[:head]
    found[len(now) - tail :] = ids[len(before) - tail :]
    old, new = range(head, len(before) - tail), range(head, len(now) - tail)
    if max(len(old), len(new)) > MOST_COMPARED:
        return [(old, new)]
    gaps = []
    matcher = SequenceMatcher(None, before[old.start : old.stop], now[new.start : new.stop], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            found[head + j1 : head + j2] = ids[head + i1 : head + i2]
        else:
            gaps.append((range(head + i1, head + i2), range(head + j1, head + j2)))
    return gaps


def named_apart(found: Sequence[str | None], versions: Sequence[str]) -> list[str]:
    """The ids found, with one made of its version for each cell that has none."""
    taken = {cell_id for cell_id in found if cell_id is not None}
    nth: Counter[str] = Counter()
    named = []
    for cell_id, version in zip(found, versions, strict=True):
        while cell_id is None:
            made = hashlib.sha256(f"{version} {nth[version]}".encode()).hexdigest()[:8]
            nth[version] += 1
            cell_id = None if made in taken else made
        taken.add(cell_id)
        named.append(cell_id)
    return named
