"""Folding what agents with a memory of their own say of themselves."""

from __future__ import annotations

from ... import protocol as p
from .. import state as s
from .fold import PRESENT, moves, on


def agent_session_started(state: s.RoomState, event: p.AgentSessionStarted, record: p.Record) -> None:
    """An agent answers a thread in this session from now on."""
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        session = s.AgentSession(
            session_id=event.session_id, begun=event.begun, version=event.version, mode=event.mode, at=record.at
        )
        thread.sessions = {**thread.sessions, event.agent_id: session}


FOLDS = (on(p.AgentSessionStarted, agent_session_started, moves("thread", PRESENT, PRESENT)),)
