"""Folding calls: proposed, begun, output, ended, in doubt, and held by a front end."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ... import protocol as p
from .. import state as s
from .fold import ABSENT, moves, on
from .threads import add_item

RETAINED_OUTPUT_CHARS = 64_000


def call_proposed(state: s.RoomState, event: p.CallProposed, record: p.Record) -> None:
    """A running run wants to call a tool."""
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Running) or event.call_id in state.calls:
        return
    state.calls[event.call_id] = s.CallProposal(
        call_id=event.call_id,
        run_id=run.run_id,
        thread_id=run.thread_id,
        message_id=event.message_id,
        step=event.step,
        tool=event.tool,
        args=event.args,
        effect=event.effect,
        args_hash=event.args_hash,
        preview=event.preview,
        proposed_at=record.at,
        raw_args=event.raw_args,
        extra=event.extra,
        circumstances=event.circumstances,
    )
    add_item(state, run.thread_id, "call", event.call_id)


def shared(call: s.Call) -> dict[str, object]:
    """The fields that a call keeps through all its variants."""
    return {name: getattr(call, name) for name in s.CallProposal.__struct_fields__}


def call_revised(state: s.RoomState, event: p.CallRevised, _record: p.Record) -> None:
    """A call that waits for people, and what they are asked, are shown as they are now."""
    call = state.calls.get(event.call_id)
    opened = state.confirmations.get(call.confirmation_id or "") if isinstance(call, s.CallProposal) else None
    if isinstance(call, s.CallProposal) and isinstance(opened, s.Open):
        found = event.circumstances or call.circumstances
        state.calls[event.call_id] = replace(
            call, preview=event.preview, args_hash=event.args_hash, circumstances=found
        )
        state.confirmations[opened.confirmation_id] = replace(
            opened, title=event.preview.title, args_hash=event.args_hash, body=event.body, votes=[]
        )


def call_started(state: s.RoomState, event: p.CallStarted, record: p.Record) -> None:
    """The effect of a proposed or confirmed call begins."""
    call = state.calls.get(event.call_id)
    if not isinstance(call, s.CallProposal | s.CallConfirmed):
        return
    fields = shared(call)
    if event.args is not None:
        fields["args"] = event.args
    if event.preview is not None:
        fields["preview"] = event.preview
    state.calls[event.call_id] = s.CallRunning(
        **fields,  # type: ignore[arg-type]
        exec_id=event.exec_id,
        adapter=event.adapter,
        started_at=record.at,
    )


def call_output(state: s.RoomState, event: p.CallOutput, _record: p.Record) -> None:
    """A begun call put something out."""
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallRunning):
        state.calls[event.call_id] = replace(call, outputs=_with_output(call.outputs, event.output))


def _with_output(outputs: list[p.Output], output: p.Output) -> list[p.Output]:
    """Adjacent text of one stream is joined; only the latest text and pieces are kept."""
    if output.kind == "clear":
        return [kept for kept in outputs if kept.cell_id != output.cell_id]
    last = outputs[-1] if outputs else None
    joins = last is not None and output.kind in ("stdout", "stderr")
    if joins and last is not None and (last.kind, last.cell_id) == (output.kind, output.cell_id):
        return [*outputs[:-1], replace(last, text=(last.text + output.text)[-RETAINED_OUTPUT_CHARS:])]
    return [*outputs, output][-s.RETAINED_OUTPUTS :]


def call_finished(state: s.RoomState, event: p.CallFinished, record: p.Record) -> None:
    """A call that was not over is over."""
    call = state.calls.get(event.call_id)
    if call is None or isinstance(call, s.CallDone):
        return
    fields = shared(call)
    if isinstance(call, s.CallRunning | s.CallDoubtful):
        fields |= {name: getattr(call, name) for name in ("started_at", "exec_id", "adapter", "outputs")}
    state.calls[event.call_id] = s.CallDone(
        **fields,  # type: ignore[arg-type]
        finished_at=record.at,
        result=event.result,
        is_error=event.is_error,
        denied=isinstance(call, s.CallDenied),
        was_in_doubt=isinstance(call, s.CallDoubtful),
    )


def call_undone(state: s.RoomState, event: p.CallUndone, record: p.Record) -> None:
    """What a call did was taken back; the latest time counts."""
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallDone) and not call.is_error:
        undone = s.Undone(by=record.actor, at=record.at, outputs=event.outputs)
        state.calls[event.call_id] = replace(call, undone=undone)


def call_in_doubt(state: s.RoomState, event: p.CallInDoubt, record: p.Record) -> None:
    """Nobody knows how a begun call ended."""
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallRunning):
        state.calls[event.call_id] = s.CallDoubtful(
            **shared(call),  # type: ignore[arg-type]
            exec_id=call.exec_id,
            adapter=call.adapter,
            started_at=call.started_at,
            outputs=call.outputs,
            message=event.message,
            at=record.at,
        )


def call_offered(state: s.RoomState, event: p.CallOffered, _record: p.Record) -> None:
    """A begun call is offered to front ends."""
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallRunning):
        claim = s.Claim(fence=event.fence, operation=event.operation, until=event.until, prefer=event.prefer)
        state.calls[event.call_id] = replace(call, claim=claim, report=None)


def call_claimed(state: s.RoomState, event: p.CallClaimed, record: p.Record) -> None:
    """A front end took an offered call, or keeps it."""
    for call, claim in _held(state, event):
        by = record.actor.session
        taken = replace(claim, client_id=event.client_id, session=by, until=event.until, started=event.started)
        state.calls[event.call_id] = replace(call, claim=taken)


def call_lapsed(state: s.RoomState, event: p.CallLapsed, _record: p.Record) -> None:
    """No front end has the call any more."""
    for call, _claim in _held(state, event):
        state.calls[event.call_id] = replace(call, claim=None)


def call_reported(state: s.RoomState, event: p.CallReported, _record: p.Record) -> None:
    """The front end that has the call says how it ended."""
    for call, _claim in _held(state, event):
        state.calls[event.call_id] = replace(call, claim=None, report=event.result)


def _held(
    state: s.RoomState, event: p.CallClaimed | p.CallLapsed | p.CallReported
) -> Iterator[tuple[s.CallRunning, s.Claim]]:
    """The begun call with its claim, when the event is about that claim and not about an older one."""
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallRunning) and call.claim is not None and call.claim.fence == event.fence:
        yield call, call.claim


FOLDS = (
    on(p.CallProposed, call_proposed, moves("call", ABSENT, "proposed")),
    on(p.CallRevised, call_revised, moves("call", "proposed", "proposed"), moves("confirmation", "open", "open")),
    on(p.CallStarted, call_started, moves("call", "proposed, confirmed", "started")),
    on(p.CallOutput, call_output, moves("call", "started", "started")),
    on(p.CallOffered, call_offered, moves("call", "started", "started")),
    on(p.CallClaimed, call_claimed, moves("call", "started", "started")),
    on(p.CallLapsed, call_lapsed, moves("call", "started", "started")),
    on(p.CallReported, call_reported, moves("call", "started", "started")),
    on(p.CallInDoubt, call_in_doubt, moves("call", "started", "in_doubt")),
    on(p.CallFinished, call_finished, moves("call", "proposed, confirmed, denied, started, in_doubt", "finished")),
    on(p.CallUndone, call_undone, moves("call", "finished", "finished")),
)
