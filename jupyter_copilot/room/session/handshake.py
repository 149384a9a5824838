"""The handshake: who speaks, since when, and what they missed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ... import protocol as p
from ...protocol.errors import Rejected
from ..room import Room
from .visitor import Host, Visitor


def check_protocol(hello: p.Hello) -> None:
    """Raise `Rejected` with `unsupported_protocol` for a client of another version."""
    if hello.protocol != p.PROTOCOL_VERSION:
        raise Rejected(
            "unsupported_protocol",
            f"This server speaks protocol {p.PROTOCOL_VERSION}, not {hello.protocol}. Reload the page or update.",
        )


def introduced(room: Room, visitor: Visitor, hello: p.Hello) -> p.Actor:
    """The visitor as author of records from now on: with the surface, client id and session of this connection.

    A kernel's visitor brings the name of its process, so that its end can be told from a lost connection.
    """
    if visitor.actor.kind == "kernel":
        return replace(visitor.actor, surface="kernel", client_id=visitor.actor.client_id or hello.client_id)
    client_id, session = room.client_ids.admit(visitor.actor, hello)
    return replace(visitor.actor, surface=hello.surface, client_id=client_id, session=session)


def greeting(room: Room, visitor: Visitor, cursor: p.Cursor | None, host: Host) -> Iterator[bytes]:
    """The frames from `welcome` to `live`, and what people should know.

    Whoever sends them must not await before the session follows the room, so that no record can slip in between.
    """
    yield p.encode(_welcome(room, visitor, host))
    missing = room.replay.after(cursor)
    if missing is None:
        yield from room.snapshots.frames()
    elif missing:
        yield p.encode(p.Records(first=missing[0].seq, records=missing))
    yield p.encode(p.Live(seq=room.state.seq))
    for problem in host.notices():
        yield p.encode(p.Notice(problem=problem))


def participant(visitor: Visitor, actor: p.Actor, client_id: p.ClientId) -> p.Participant:
    """The visitor as others see them."""
    return p.Participant(
        client_id=client_id,
        kind=actor.kind,
        id=actor.id,
        name=actor.name,
        surface=actor.surface or "lab",
        color=visitor.color,
        initials=visitor.initials,
    )


def _welcome(room: Room, visitor: Visitor, host: Host) -> p.Welcome:
    actor = visitor.actor
    return p.Welcome(
        protocol=p.PROTOCOL_VERSION,
        log=room.state.log,
        head=room.state.seq,
        floor=room.floor,
        you=p.You(
            groups=visitor.actor.groups,
            id=actor.id,
            name=actor.name,
            kind=actor.kind,
            can=sorted(visitor.rights),
            color=visitor.color,
            initials=visitor.initials,
        ),
        limits=p.Limits(),
        path=host.shown_path(room.path),
        server=host.version,
        now=room.clock.now(),
    )
