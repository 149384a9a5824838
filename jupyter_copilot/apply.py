"""The fold: `apply(state, record)` is how every participant learns what happened.

It is total and deterministic: it reads no clock and makes no ids, and an event that does not fit the state it meets is
a no-op. Only a record out of its place is refused. The cost of one record does not grow with the history.

Transitions, by the status before → event → the status after; every other pair leaves the entry as it is:

| entry        | before              | event                                             | after                       |
|--------------|---------------------|---------------------------------------------------|-----------------------------|
| run          | –                   | run_queued                                        | queued                      |
| run          | queued, running     | run_started                                       | running                     |
| run          | queued, running     | run_finished                                      | finished                    |
| message      | –                   | message_posted                                    | posted                      |
| message      | –                   | step_started                                      | streaming                   |
| message      | streaming           | text_delta, reasoning_delta                       | streaming                   |
| message      | streaming           | step_finished                                     | complete                    |
| message      | streaming           | step_aborted                                      | struck                      |
| call         | –                   | call_proposed                                     | proposed                    |
| call         | proposed            | confirmation_decided                              | confirmed, denied           |
| call         | proposed            | confirmation_expired, _withdrawn                  | denied                      |
| call         | proposed, confirmed | call_started                                      | started                     |
| call         | started             | call_output, _offered, _claimed, _lapsed, _reported | started                   |
| call         | started             | call_in_doubt                                     | in_doubt                    |
| call         | all but finished    | call_finished                                     | finished                    |
| confirmation | –                   | confirmation_opened                               | open                        |
| confirmation | open                | confirmation_decided, _expired, _withdrawn        | decided, expired, withdrawn |
"""

from __future__ import annotations

from msgspec.structs import asdict, replace
from typing_extensions import assert_never

from . import protocol as p
from . import state as s
from .errors import Gap

RETAINED_OUTPUT_CHARS = 64_000


def apply(state: s.RoomState, record: p.Record, floor: int = 0) -> s.RoomState:
    """Fold one record into the state, in place, and return it.

    Raises `Gap` when the record is not the next one. Up to `floor`, where the log merges deltas, seqs may skip.
    """
    if record.seq != state.seq + 1 and not state.seq < record.seq <= floor:
        raise Gap(state.seq + 1, record.seq)
    state.seq = record.seq
    _apply_event(state, record.event, record)
    return state


def _apply_event(state: s.RoomState, event: p.Event | p.UnknownEvent, record: p.Record) -> None:
    match event:
        case p.TextDelta() | p.ReasoningDelta():
            _delta(state, event, record.at)
        case p.CallOutput():
            _call_output(state, event)
        case p.ThreadCreated():
            _thread_created(state, event, record)
        case p.ThreadRenamed() | p.ThreadArchived() | p.ThreadModeChanged():
            _thread_changed(state, event)
        case p.ThreadSummarised():
            _thread_summarised(state, event, record)
        case p.MessagePosted():
            _message_posted(state, event, record)
        case p.RunQueued():
            _run_queued(state, event, record)
        case p.RunStarted():
            _run_started(state, event, record)
        case p.RunDelayed():
            _run_delayed(state, event)
        case p.RunFinished():
            _run_finished(state, event, record)
        case p.StepStarted():
            _step_started(state, event, record)
        case p.StepFinished():
            _step_finished(state, event, record)
        case p.StepAborted():
            _step_aborted(state, event, record)
        case p.CallProposed():
            _call_proposed(state, event, record)
        case p.CallStarted():
            _call_started(state, event, record)
        case p.CallFinished():
            _call_finished(state, event, record)
        case p.CallInDoubt():
            _call_in_doubt(state, event, record)
        case p.CallOffered() | p.CallClaimed() | p.CallLapsed() | p.CallReported():
            _call_claim(state, event)
        case p.ConfirmationOpened():
            _confirmation_opened(state, event, record)
        case p.ConfirmationDecided() | p.ConfirmationExpired() | p.ConfirmationWithdrawn():
            _confirmation_closed(state, event, record)
        case p.UnknownEvent():
            pass
        case _:
            assert_never(event)


# Threads


def _thread_created(state: s.RoomState, event: p.ThreadCreated, record: p.Record) -> None:
    if event.thread_id not in state.threads:
        state.threads[event.thread_id] = s.Thread(
            thread_id=event.thread_id, title=event.title, created_at=record.at, created_by=record.actor
        )


def _thread_changed(state: s.RoomState, event: p.ThreadRenamed | p.ThreadArchived | p.ThreadModeChanged) -> None:
    thread = state.threads.get(event.thread_id)
    if thread is None:
        return
    match event:
        case p.ThreadRenamed():
            thread.title = event.title
        case p.ThreadArchived():
            thread.archived = True
        case p.ThreadModeChanged():
            thread.mode = event.mode


def _thread_summarised(state: s.RoomState, event: p.ThreadSummarised, record: p.Record) -> None:
    thread = state.threads.get(event.thread_id)
    if thread is not None:
        thread.summary = s.Summary(through=event.through, text=event.text, at=record.at)
        _add_item(state, event.thread_id, "summary", f"summary.{record.seq}")


def _add_item(state: s.RoomState, thread_id: p.ThreadId, kind: s.ItemType, id: str) -> None:
    thread = state.threads[thread_id]
    thread.items.append(s.Item(type=kind, id=id))
    if len(thread.items) > s.RETAINED_ITEMS:
        _prune(state, thread)


def _prune(state: s.RoomState, thread: s.Thread) -> None:
    """Drop the oldest settled items; stops at the first that is not settled."""
    dropped = 0
    while len(thread.items) - dropped > s.PRUNE_TO and _settled(state, thread.items[dropped]):
        _forget(state, thread.items[dropped])
        dropped += 1
    del thread.items[:dropped]
    thread.dropped += dropped


def _settled(state: s.RoomState, item: s.Item) -> bool:
    match item.type:
        case "message":
            message = state.messages.get(item.id)
            match message:
                case s.Posted():
                    return all(_run_is_over(state, run_id) for run_id in message.run_ids)
                case s.Streaming():
                    return False
                case s.Complete() | s.Struck():
                    return _run_is_over(state, message.run_id)
                case None:
                    return True
        case "call":
            call = state.calls.get(item.id)
            return call is None or (isinstance(call, s.CallDone) and _run_is_over(state, call.run_id))
        case "confirmation":
            return not isinstance(state.confirmations.get(item.id), s.Open)
        case "run" | "summary":
            return True
    assert_never(item.type)


def _run_is_over(state: s.RoomState, run_id: p.RunId) -> bool:
    return isinstance(state.runs.get(run_id), s.Finished | None)


def _forget(state: s.RoomState, item: s.Item) -> None:
    match item.type:
        case "message":
            message = state.messages.pop(item.id, None)
            if isinstance(message, s.Posted):
                for run_id in message.run_ids:
                    state.runs.pop(run_id, None)
        case "call":
            call = state.calls.pop(item.id, None)
            if call is not None and call.confirmation_id is not None:
                state.confirmations.pop(call.confirmation_id, None)
        case "confirmation":
            state.confirmations.pop(item.id, None)
        case "run" | "summary":
            pass


# Messages and runs


def _message_posted(state: s.RoomState, event: p.MessagePosted, record: p.Record) -> None:
    if event.message_id in state.messages or event.thread_id not in state.threads:
        return
    state.messages[event.message_id] = s.Posted(
        message_id=event.message_id,
        thread_id=event.thread_id,
        author=record.actor,
        at=record.at,
        text=event.text,
        context=event.context,
    )
    _add_item(state, event.thread_id, "message", event.message_id)


def _run_queued(state: s.RoomState, event: p.RunQueued, record: p.Record) -> None:
    message = state.messages.get(event.message_id)
    if event.run_id in state.runs or not isinstance(message, s.Posted) or event.thread_id not in state.threads:
        return
    state.messages[event.message_id] = replace(message, run_ids=[*message.run_ids, event.run_id])
    state.runs[event.run_id] = s.Queued(
        run_id=event.run_id,
        thread_id=event.thread_id,
        message_id=event.message_id,
        asked_by=record.actor,
        queued_at=record.at,
        model=event.model,
    )
    state.threads[event.thread_id].queue.append(event.run_id)


def _run_started(state: s.RoomState, event: p.RunStarted, record: p.Record) -> None:
    run = state.runs.get(event.run_id)
    match run:
        case s.Queued():
            thread = state.threads[run.thread_id]
            thread.queue.remove(event.run_id)
            thread.active_run_id = event.run_id
            state.runs[event.run_id] = s.Running(
                run_id=run.run_id,
                thread_id=run.thread_id,
                message_id=run.message_id,
                asked_by=run.asked_by,
                queued_at=run.queued_at,
                model=event.model or run.model,
                started_at=record.at,
                fence=event.fence,
            )
        case s.Running():
            state.runs[event.run_id] = replace(run, fence=event.fence, starts=run.starts + 1, delay=None)
        case s.Finished() | None:
            pass


def _run_delayed(state: s.RoomState, event: p.RunDelayed) -> None:
    run = state.runs.get(event.run_id)
    if isinstance(run, s.Running):
        delay = s.Delay(problem=event.problem, attempt=event.attempt, of=event.of, retry_at=event.retry_at)
        state.runs[event.run_id] = replace(run, delay=delay)


def _run_finished(state: s.RoomState, event: p.RunFinished, record: p.Record) -> None:
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Queued | s.Running):
        return
    thread = state.threads[run.thread_id]
    if run.run_id in thread.queue:
        thread.queue.remove(run.run_id)
    if thread.active_run_id == run.run_id:
        thread.active_run_id = None
    state.runs[event.run_id] = s.Finished(
        run_id=run.run_id,
        thread_id=run.thread_id,
        message_id=run.message_id,
        asked_by=run.asked_by,
        queued_at=run.queued_at,
        model=run.model,
        finished_at=record.at,
        outcome=event.outcome,
        error=event.error,
        usage=run.usage if isinstance(run, s.Running) else p.Usage(),
        ended_by=record.actor,
    )
    if event.outcome != "success":
        _add_item(state, run.thread_id, "run", run.run_id)


# Steps


def _step_started(state: s.RoomState, event: p.StepStarted, record: p.Record) -> None:
    run = state.runs.get(event.run_id)
    if not isinstance(run, s.Running) or event.message_id in state.messages:
        return
    state.runs[event.run_id] = replace(run, step=event.step, attempt=event.attempt, delay=None)
    state.messages[event.message_id] = s.Streaming(
        message_id=event.message_id,
        thread_id=run.thread_id,
        run_id=run.run_id,
        step=event.step,
        attempt=event.attempt,
        at=record.at,
    )
    _add_item(state, run.thread_id, "message", event.message_id)


def _delta(state: s.RoomState, event: p.TextDelta | p.ReasoningDelta, at: int) -> None:
    message = state.messages.get(event.message_id)
    if not isinstance(message, s.Streaming):
        return
    if isinstance(event, p.ReasoningDelta):
        state.messages[event.message_id] = replace(message, reasoning=message.reasoning + event.text)
    else:
        first = at if message.first_text_at is None else message.first_text_at
        state.messages[event.message_id] = replace(message, text=message.text + event.text, first_text_at=first)


def _step_finished(state: s.RoomState, event: p.StepFinished, record: p.Record) -> None:
    message = state.messages.get(event.message_id)
    if not isinstance(message, s.Streaming):
        return
    state.messages[event.message_id] = s.Complete(
        **asdict(message),
        finished_at=record.at,
        usage=event.usage,
        finish_reason=event.finish_reason,
        extra=event.extra,
        notes=event.notes,
    )
    state.usage = add_usage(state.usage, event.usage)
    run = state.runs.get(message.run_id)
    if isinstance(run, s.Running):
        state.runs[run.run_id] = replace(run, usage=add_usage(run.usage, event.usage))


def _step_aborted(state: s.RoomState, event: p.StepAborted, record: p.Record) -> None:
    message = state.messages.get(event.message_id)
    if isinstance(message, s.Streaming):
        fields = asdict(message)
        fields.pop("first_text_at")
        state.messages[event.message_id] = s.Struck(**fields, finished_at=record.at, reason=event.reason)


def add_usage(a: p.Usage, b: p.Usage) -> p.Usage:
    """The sum of two usages, field by field."""
    return p.Usage(
        prompt=a.prompt + b.prompt,
        cached=a.cached + b.cached,
        completion=a.completion + b.completion,
        reasoning=a.reasoning + b.reasoning,
        prefix=a.prefix + b.prefix,
    )


# Calls


def _call_proposed(state: s.RoomState, event: p.CallProposed, record: p.Record) -> None:
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
    )
    _add_item(state, run.thread_id, "call", event.call_id)


def _shared(call: s.Call) -> dict[str, object]:
    """The fields that a call keeps through all its variants."""
    return {name: getattr(call, name) for name in s.CallProposal.__struct_fields__}


def _call_started(state: s.RoomState, event: p.CallStarted, record: p.Record) -> None:
    call = state.calls.get(event.call_id)
    if not isinstance(call, s.CallProposal | s.CallConfirmed):
        return
    fields = _shared(call)
    if event.args is not None:
        fields["args"] = event.args
    state.calls[event.call_id] = s.CallRunning(
        **fields,  # type: ignore[arg-type]
        exec_id=event.exec_id,
        adapter=event.adapter,
        started_at=record.at,
    )


def _call_output(state: s.RoomState, event: p.CallOutput) -> None:
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


def _call_finished(state: s.RoomState, event: p.CallFinished, record: p.Record) -> None:
    call = state.calls.get(event.call_id)
    if call is None or isinstance(call, s.CallDone):
        return
    fields = _shared(call)
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


def _call_in_doubt(state: s.RoomState, event: p.CallInDoubt, record: p.Record) -> None:
    call = state.calls.get(event.call_id)
    if isinstance(call, s.CallRunning):
        state.calls[event.call_id] = s.CallDoubtful(
            **_shared(call),  # type: ignore[arg-type]
            exec_id=call.exec_id,
            adapter=call.adapter,
            started_at=call.started_at,
            outputs=call.outputs,
            message=event.message,
            at=record.at,
        )


def _call_claim(state: s.RoomState, event: p.CallOffered | p.CallClaimed | p.CallLapsed | p.CallReported) -> None:
    call = state.calls.get(event.call_id)
    if not isinstance(call, s.CallRunning):
        return
    if isinstance(event, p.CallOffered):
        claim = s.Claim(fence=event.fence, operation=event.operation, until=event.until, prefer=event.prefer)
        state.calls[event.call_id] = replace(call, claim=claim, report=None)
        return
    held = call.claim
    if held is None or held.fence != event.fence:
        return
    match event:
        case p.CallClaimed():
            claim = replace(held, client_id=event.client_id, until=event.until, started=event.started)
            state.calls[event.call_id] = replace(call, claim=claim)
        case p.CallLapsed():
            state.calls[event.call_id] = replace(call, claim=None)
        case p.CallReported():
            state.calls[event.call_id] = replace(call, claim=None, report=event.result)


# Confirmations


def _confirmation_opened(state: s.RoomState, event: p.ConfirmationOpened, record: p.Record) -> None:
    if event.confirmation_id in state.confirmations or event.thread_id not in state.threads:
        return
    state.confirmations[event.confirmation_id] = s.Open(
        confirmation_id=event.confirmation_id,
        kind=event.kind,
        thread_id=event.thread_id,
        title=event.title,
        args_hash=event.args_hash,
        options=event.options,
        policy=event.policy,
        opened_by=record.actor,
        opened_at=record.at,
        body=event.body,
        call_id=event.call_id,
        run_id=event.run_id,
        schema=event.schema,
        expires_at=event.expires_at,
    )
    call = state.calls.get(event.call_id) if event.call_id is not None else None
    if isinstance(call, s.CallProposal):
        state.calls[call.call_id] = replace(call, confirmation_id=event.confirmation_id)
    else:
        _add_item(state, event.thread_id, "confirmation", event.confirmation_id)


def _confirmation_closed(
    state: s.RoomState,
    event: p.ConfirmationDecided | p.ConfirmationExpired | p.ConfirmationWithdrawn,
    record: p.Record,
) -> None:
    opened = state.confirmations.get(event.confirmation_id)
    if not isinstance(opened, s.Open):
        return
    fields = asdict(opened)
    match event:
        case p.ConfirmationDecided():
            state.confirmations[event.confirmation_id] = s.Decided(
                **fields,
                by=record.actor,
                at=record.at,
                option=event.option,
                value=event.value,
                edited_args=event.edited_args,
                comment=event.comment,
            )
        case p.ConfirmationExpired():
            state.confirmations[event.confirmation_id] = s.Expired(**fields, at=record.at)
        case p.ConfirmationWithdrawn():
            state.confirmations[event.confirmation_id] = s.Withdrawn(
                **fields, by=record.actor, at=record.at, reason=event.reason
            )
    if opened.kind == "tool_call":
        _settle_call(state, opened, event)


def _settle_call(
    state: s.RoomState,
    opened: s.Open,
    event: p.ConfirmationDecided | p.ConfirmationExpired | p.ConfirmationWithdrawn,
) -> None:
    call = state.calls.get(opened.call_id) if opened.call_id is not None else None
    if not isinstance(call, s.CallProposal):
        return
    fields = _shared(call)
    match event:
        case p.ConfirmationDecided(option=p.APPROVE):
            edited = event.edited_args is not None
            fields["args"] = event.edited_args if edited else call.args
            state.calls[call.call_id] = s.CallConfirmed(**fields, edited=edited)  # type: ignore[arg-type]
        case p.ConfirmationDecided():
            state.calls[call.call_id] = s.CallDenied(**fields, reason=event.comment)  # type: ignore[arg-type]
        case p.ConfirmationExpired():
            state.calls[call.call_id] = s.CallDenied(**fields, reason="expired")  # type: ignore[arg-type]
        case p.ConfirmationWithdrawn():
            state.calls[call.call_id] = s.CallDenied(**fields, reason=event.reason or "withdrawn")  # type: ignore[arg-type]
