"""Questions that a server of others asks while its tool works: shared with everybody, answered by one of them."""

from __future__ import annotations

from .. import protocol as p
from ..core import state as s
from ..core.fingerprints import question_hash
from ..core.json_schema import schema_problem

MAX_TITLE = 120
ANSWERED = p.Option(id=p.ANSWER, label="Answer", style="primary")
DONE = p.Option(id=p.ANSWER, label="I have done it", style="primary")
SKIPPED = p.Option(id=p.SKIP, label="Skip")


def _prefix(call_id: p.CallId) -> str:
    return f"{call_id}.e"


def elicitation(
    call_id: p.CallId, message: str, schema: p.JsonObject | None, url: str, state: s.RoomState, now: int
) -> list[p.Event]:
    """The event that asks people; none when the call is not under way, or the form cannot be shown."""
    call = state.calls.get(call_id)
    if not isinstance(call, s.CallRunning) or not isinstance(state.runs.get(call.run_id), s.Running):
        return []
    if schema is not None and schema_problem(schema) is not None:
        return []
    number = 1 + sum(1 for each in state.confirmations if each.startswith(_prefix(call_id)))
    first = message.strip().partition("\n")[0]
    title = (first if len(first) <= MAX_TITLE else first[: MAX_TITLE - 1] + "…") or call.preview.title
    # The address is shown as text; nothing here opens it.
    body = "\n\n".join(filter(None, [f"Asked by {call.preview.title}.", message.strip(), url]))[: p.MAX_TEXT_CHARS]
    options = [DONE if url else ANSWERED, SKIPPED]
    return [
        p.ConfirmationOpened(
            confirmation_id=p.ConfirmationId(f"{_prefix(call_id)}{number}"),
            kind="question",
            thread_id=call.thread_id,
            call_id=call_id,
            run_id=call.run_id,
            title=title,
            body=body,
            args_hash=question_hash(title, body, [option.id for option in options], schema),
            options=options,
            schema=schema,
            policy=p.Policy(right="write"),
        )
    ]


def last_elicited(state: s.RoomState, call_id: p.CallId) -> p.ConfirmationId | None:
    """The question of a call that is open now, the newest."""
    return next((each.confirmation_id for each in reversed(_open(state, call_id))), None)


def answer_to(state: s.RoomState, confirmation_id: p.ConfirmationId) -> p.JsonObject:
    """What people answered, as the server that asked is told."""
    asked = state.confirmations.get(confirmation_id)
    if not isinstance(asked, s.Decided):
        return {"action": "cancel"}
    if asked.option != p.ANSWER:
        return {"action": "decline"}
    return {"action": "accept", "content": asked.value} if isinstance(asked.value, dict) else {"action": "accept"}


def left_open(state: s.RoomState, call_id: p.CallId) -> list[p.Event]:
    """The events that take back what a call still asks once it is over, or nobody knows how it ended."""
    reason = "What asked this is over."
    return [
        p.ConfirmationWithdrawn(confirmation_id=each.confirmation_id, reason=reason) for each in _open(state, call_id)
    ]


def _open(state: s.RoomState, call_id: p.CallId) -> list[s.Open]:
    return [each for each in s.open_confirmations(state) if each.confirmation_id.startswith(_prefix(call_id))]
