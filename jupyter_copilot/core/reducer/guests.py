"""Folding guests: who is let in from outside, and what they ask for."""

from __future__ import annotations

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .fold import moves, on


def guest_admitted(state: s.RoomState, event: p.GuestAdmitted, record: p.Record) -> None:
    """A guest that was not there may come in."""
    if event.guest_id in state.guests or event.thread_id not in state.threads:
        return
    state.guests[event.guest_id] = s.Guest(
        guest_id=event.guest_id,
        name=event.name,
        thread_id=event.thread_id,
        digest=event.digest,
        scope=event.scope,
        expires_at=event.expires_at,
        admitted_at=record.at,
        admitted_by=record.actor,
    )


def guest_revoked(state: s.RoomState, event: p.GuestRevoked, _record: p.Record) -> None:
    """A guest may come in no more."""
    state.guests.pop(event.guest_id, None)


def calls_requested(state: s.RoomState, event: p.CallsRequested, record: p.Record) -> None:
    """A run that is not over has one more request to answer."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Queued | s.Running):
        return
    request = s.GuestRequest(request_id=event.request_id, digest=event.digest, at=record.at, calls=event.calls)
    state.runs[event.run_id] = replace(run, requests=[*run.requests, request])
    guest = state.guests.get(record.actor.id)
    if guest is not None:
        state.guests[guest.guest_id] = replace(guest, used_at=record.at)


def request_withdrawn(state: s.RoomState, event: p.RequestWithdrawn, _record: p.Record) -> None:
    """A request that was not answered yet asks for nothing any more."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Queued | s.Running):
        return
    requests = [replace(r, calls=[]) if r.request_id == event.request_id else r for r in run.requests]
    state.runs[event.run_id] = replace(run, requests=requests)


_JOINS = (moves("run", "queued", "queued"), moves("run", "running", "running"))
FOLDS = (
    on(p.GuestAdmitted, guest_admitted),
    on(p.GuestRevoked, guest_revoked),
    on(p.CallsRequested, calls_requested, *_JOINS),
    on(p.RequestWithdrawn, request_withdrawn, *_JOINS),
)
