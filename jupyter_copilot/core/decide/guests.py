"""Guests: agents from outside, whom people let in, and what they ask for."""

from __future__ import annotations

from msgspec import to_builtins
from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import Rejected
from .. import state as s
from ..fingerprints import request_digest
from ..model_context.transcript import AGAIN
from .runs import cancelled_run, drop_calls
from .threads import live_thread

RUN_AGAIN = "run_again"
"""The option of who wants a doubtful call made once more."""
MAX_GUESTS = 20
MAX_OPEN_REQUESTS = 20
MAX_RUN_REQUESTS = 200
"""A run with so many requests is left to end, and another one begins: the state of a run is bounded."""


def guest_command(
    state: s.RoomState,
    command: p.AdmitGuest | p.RevokeGuest | p.RequestCalls | p.WithdrawRequest,
    actor: p.Actor,
    now: int,
) -> list[p.Event]:
    """The events of a command that lets a guest in or out, or is a guest's own. Raises `Rejected`."""
    match command:
        case p.AdmitGuest():
            return _admit(state, command, now)
        case p.RevokeGuest():
            return _revoke(state, command, actor)
        case p.RequestCalls():
            return _request(state, command, admitted(state, actor.id, now))
        case p.WithdrawRequest():
            return _withdraw(state, command, actor)
    assert_never(command)


def admitted(state: s.RoomState, guest_id: str, now: int) -> s.Guest:
    """The guest with this id. Raises `Rejected` for one that may not come in, or no longer."""
    guest = state.guests.get(guest_id)
    if guest is None or guest.expires_at <= now:
        raise Rejected("forbidden", "You are not let in here any more.", hint="Ask people to connect you again.")
    return guest


def agent_id_of(guest_id: str) -> p.AgentId:
    """The agent that a guest's runs name."""
    return p.AgentId(f"{p.GUESTS}{guest_id}")


def _admit(state: s.RoomState, command: p.AdmitGuest, now: int) -> list[p.Event]:
    if command.guest_id in state.guests:
        raise Rejected("already_exists", "There is a guest with this id already.")
    over = [guest for guest in state.guests.values() if guest.expires_at <= now]
    if len(state.guests) - len(over) >= MAX_GUESTS:
        raise Rejected("limit_reached", f"A notebook has at most {MAX_GUESTS} guests.", hint="Disconnect one first.")
    events: list[p.Event] = [p.GuestRevoked(guest_id=guest.guest_id) for guest in over]
    if command.thread_id not in state.threads:
        if len(state.threads) >= s.MAX_THREADS:
            raise Rejected("limit_reached", f"A notebook has at most {s.MAX_THREADS} chats.")
        events.append(p.ThreadCreated(thread_id=command.thread_id, title=command.name))
    else:
        live_thread(state, command.thread_id)
    return [
        *events,
        p.GuestAdmitted(
            guest_id=command.guest_id,
            name=command.name,
            thread_id=command.thread_id,
            digest=command.digest,
            scope=command.scope,
            expires_at=now + round(command.expires_in_s * 1000),
        ),
    ]


def _revoke(state: s.RoomState, command: p.RevokeGuest, actor: p.Actor) -> list[p.Event]:
    if command.guest_id not in state.guests:
        raise Rejected("not_found", "There is no such guest here.")
    events: list[p.Event] = [p.GuestRevoked(guest_id=command.guest_id)]
    for run in open_runs(state, command.guest_id):
        events += cancelled_run(state, run, f"{actor.name} disconnected the guest.")
    return events


def open_runs(state: s.RoomState, guest_id: str) -> list[s.Queued | s.Running]:
    """The runs of a guest that are not over, oldest first."""
    agent_id = agent_id_of(guest_id)
    return [run for run in state.runs.values() if run.agent_id == agent_id and not isinstance(run, s.Finished)]


def _request(state: s.RoomState, command: p.RequestCalls, guest: s.Guest) -> list[p.Event]:
    live_thread(state, guest.thread_id)
    if s.request_of(state, command.request_id) is not None or command.request_id in state.messages:
        raise Rejected("already_exists", "There is a request with this id already.")
    runs = open_runs(state, guest.guest_id)
    if sum(1 for run in runs for n in range(len(run.requests)) if not is_answered(state, run, n + 1)) >= (
        MAX_OPEN_REQUESTS
    ):
        raise Rejected("limit_reached", f"{MAX_OPEN_REQUESTS} of your calls are open already.", retry="after")
    events: list[p.Event] = []
    run_id = runs[-1].run_id if runs and len(runs[-1].requests) < MAX_RUN_REQUESTS else None
    if run_id is None:
        # A call from outside any run begins one; what it asks for while that goes on is a further step of it.
        message_id = p.MessageId(command.request_id)
        run_id = p.RunId(f"{message_id}.r1")
        text = "Calls " + ", ".join(dict.fromkeys(call.tool for call in command.calls)) + "."
        events = [
            p.MessagePosted(message_id=message_id, thread_id=guest.thread_id, text=text),
            p.RunQueued(
                run_id=run_id,
                thread_id=guest.thread_id,
                message_id=message_id,
                agent_id=agent_id_of(guest.guest_id),
            ),
        ]
    digest = request_digest(to_builtins(command.calls))
    asked = p.CallsRequested(request_id=command.request_id, run_id=run_id, digest=digest, calls=command.calls)
    return [*events, asked]


def is_answered(state: s.RoomState, run: s.Run, step: int) -> bool:
    """Whether nothing is left to happen to a guest's request, the one that this step of its run answers."""
    if isinstance(run, s.Finished):
        return all(not isinstance(call, s.CallRunning) for call in s.step_calls(state, run.run_id, step))
    if isinstance(run, s.Queued) or run.step < step:
        return False
    return all(_is_settled(state, call) for call in s.step_calls(state, run.run_id, step))


def _is_settled(state: s.RoomState, call: s.Call) -> bool:
    """Whether a call is over, or in doubt and people chose to leave it so."""
    if not isinstance(call, s.CallDoubtful):
        return isinstance(call, s.CallDone)
    chosen = state.confirmations.get(f"{call.call_id}{AGAIN}")
    if isinstance(chosen, s.Open):
        return False
    return not isinstance(chosen, s.Decided) or chosen.option != RUN_AGAIN or f"{call.call_id}{AGAIN}" in state.calls


def _withdraw(state: s.RoomState, command: p.WithdrawRequest, actor: p.Actor) -> list[p.Event]:
    found = s.request_of(state, command.request_id)
    if found is None or found[0].agent_id != agent_id_of(actor.id):
        raise Rejected("not_found", "You made no such request.")
    run, step = found
    if isinstance(run, s.Finished):
        raise Rejected("run_finished", "This answer is over already.")
    calls = s.step_calls(state, run.run_id, step)
    ids = {call.call_id for call in calls}
    reason = f"{actor.name} went away."
    return [
        p.RequestWithdrawn(request_id=command.request_id, run_id=run.run_id),
        *(
            p.ConfirmationWithdrawn(confirmation_id=opened.confirmation_id, reason=reason)
            for opened in s.open_confirmations(state)
            if opened.call_id in ids
        ),
        *drop_calls(calls, reason),
    ]
