"""Which pictures go when a room has too many: the oldest of whoever has most, so that nobody pushes out others'."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple


class Kept(NamedTuple):
    """A picture that a room keeps, and who first brought it."""

    digest: str
    owner: str
    bytes: int


def to_drop(newest_first: Iterable[Kept], keep_bytes: int, most: int) -> list[str]:
    """The digests of up to `most` pictures, without which the others are nearer to `keep_bytes`."""
    held: defaultdict[str, list[Kept]] = defaultdict(list)
    shares: Counter[str] = Counter()
    for picture in newest_first:
        held[picture.owner].append(picture)
        shares[picture.owner] += picture.bytes
    dropped: list[str] = []
    while shares.total() > keep_bytes and len(dropped) < most:
        ((owner, _),) = shares.most_common(1)
        oldest = held[owner].pop()
        shares[owner] -= oldest.bytes
        dropped.append(oldest.digest)
    return dropped
