"""Tokens of guests: what they look like, and what is kept of them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from msgspec import Struct

from ... import protocol as p

PREFIX = "jcg_"
"""Begins every token, so that scanners for secrets can know it."""
_TOKEN = re.compile(rf"{PREFIX}([A-Za-z0-9_-]{{1,80}})\.([A-Za-z0-9_-]{{1,80}})\.([A-Za-z0-9_-]{{40,80}})")


class Named(Struct, frozen=True):
    """What a token says of itself: the room that let its guest in, and the guest. It proves nothing yet."""

    room_id: p.RoomId
    guest_id: p.GuestId


def new_token(room_id: p.RoomId, guest_id: p.GuestId) -> str:
    """A new random token, known to nobody but who gets it."""
    return f"{PREFIX}{room_id}.{guest_id}.{secrets.token_urlsafe(32)}"


def new_guest_id() -> p.GuestId:
    """A new id for a guest."""
    return p.GuestId(secrets.token_hex(6))


def named_in(token: str) -> Named | None:
    """The room and the guest that a token names, or None for what is no token of a guest."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else Named(p.RoomId(found[1]), p.GuestId(found[2]))


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def fits(token: str, digest: str) -> bool:
    """Whether this is the token with this digest."""
    return hmac.compare_digest(digest_of(token), digest)
