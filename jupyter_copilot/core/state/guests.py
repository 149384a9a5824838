"""Guests: agents from outside, and what they ask for."""

from __future__ import annotations

from msgspec import Struct

from ...protocol import Actor, GuestId, GuestScope, RequestedCall, ThreadId


class GuestRequest(Struct, frozen=True, kw_only=True):
    """What a guest asked for; its calls are here until its run's step of the same number has proposed them."""

    request_id: str
    digest: str
    at: int
    calls: list[RequestedCall] = []


class Guest(Struct, frozen=True, kw_only=True):
    """An agent from outside that may come in until `expires_at` (unix ms); it last asked for a call at `used_at`."""

    guest_id: GuestId
    name: str
    thread_id: ThreadId
    digest: str
    scope: GuestScope
    expires_at: int
    admitted_at: int
    admitted_by: Actor
    used_at: int | None = None


def guest_actor(guest: Guest) -> Actor:
    """The author of a guest's records: its name says whose guest it is."""
    name = f"{guest.name}, guest of {guest.admitted_by.name}"
    return Actor(kind="guest", id=guest.guest_id, name=name, surface="mcp", auth="guest")
