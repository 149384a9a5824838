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
| confirmation | open                | decision_refused                                  | open                        |
"""

from __future__ import annotations

from typing_extensions import assert_never

from ... import protocol as p
from ...protocol.errors import Gap
from .. import state as s
from .calls import RETAINED_OUTPUT_CHARS as RETAINED_OUTPUT_CHARS
from .calls import call_claim, call_finished, call_in_doubt, call_output, call_proposed, call_started
from .confirmations import confirmation_closed, confirmation_opened, decision_refused
from .runs import message_posted, run_delayed, run_finished, run_queued, run_started
from .steps import add_usage as add_usage
from .steps import delta, step_aborted, step_finished, step_started
from .threads import thread_changed, thread_created, thread_summarised


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
            delta(state, event, record.at)
        case p.CallOutput():
            call_output(state, event)
        case p.ThreadCreated():
            thread_created(state, event, record)
        case p.ThreadRenamed() | p.ThreadArchived() | p.ThreadModeChanged():
            thread_changed(state, event)
        case p.ThreadSummarised():
            thread_summarised(state, event, record)
        case p.MessagePosted():
            message_posted(state, event, record)
        case p.RunQueued():
            run_queued(state, event, record)
        case p.RunStarted():
            run_started(state, event, record)
        case p.RunDelayed():
            run_delayed(state, event)
        case p.RunFinished():
            run_finished(state, event, record)
        case p.StepStarted():
            step_started(state, event, record)
        case p.StepFinished():
            step_finished(state, event, record)
        case p.StepAborted():
            step_aborted(state, event, record)
        case p.CallProposed():
            call_proposed(state, event, record)
        case p.CallStarted():
            call_started(state, event, record)
        case p.CallFinished():
            call_finished(state, event, record)
        case p.CallInDoubt():
            call_in_doubt(state, event, record)
        case p.CallOffered() | p.CallClaimed() | p.CallLapsed() | p.CallReported():
            call_claim(state, event)
        case p.ConfirmationOpened():
            confirmation_opened(state, event, record)
        case p.ConfirmationDecided() | p.ConfirmationExpired() | p.ConfirmationWithdrawn():
            confirmation_closed(state, event, record)
        case p.DecisionRefused():
            decision_refused(state, event, record)
        case p.UnknownEvent():
            pass
        case _:
            assert_never(event)
