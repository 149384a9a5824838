"""Hands: the notebook's tools, lent to an agent of this server for the run that it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from ... import protocol as p
from ...room.room import Room


class Lent(Struct, frozen=True):
    """An address at which an agent finds the notebook's tools, the token that opens it, and how it is taken back."""

    url: str
    token: str
    give_back: Callable[[], None]


class Borrower(Protocol):
    """Who has the hands: a session, whose calls are calls of the run that it answers now."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def call(self, calls: list[p.RequestedCall]) -> tuple[p.RunId, int]:
        """Have calls proposed; returns the run and the step that has them. Raises `Rejected` while no run goes on."""


class Hands(Protocol):
    """Lends the tools of notebooks."""

    def lend(self, room: Room, borrower: Borrower) -> Lent | None:
        """The tools of a room's notebook, until they are given back; None where this server cannot be reached."""
