/**
 * The fold: `apply(state, record)` is how every participant learns what happened. It does exactly what
 * `jupyter_copilot/core/reducer/` does, whose table of transitions is the reference; the golden traces hold the two together.
 *
 * It is total and deterministic, and an event that does not fit the state it meets is a no-op. Only a record out of its
 * place is refused. The cost of one record does not grow with the history.
 */
import { Gap } from '../../protocol/errors';
import type { LogRecord, RoomState } from '../../protocol';
import {
  callClaim,
  callFinished,
  callInDoubt,
  callOutput,
  callProposed,
  callStarted
} from './calls';
import { confirmationClosed, confirmationOpened, decisionRefused } from './confirmations';
import {
  delta,
  messagePosted,
  runDelayed,
  runFinished,
  runQueued,
  runStarted,
  stepAborted,
  stepFinished,
  stepStarted
} from './runs';
import { threadChanged, threadCreated, threadSummarised } from './threads';

/**
 * Fold one record into the state, in place, and return it.
 *
 * Throws `Gap` when the record is not the next one. Up to `floor`, where deltas were merged, seqs may skip.
 */
export function apply(state: RoomState, record: LogRecord, floor = 0): RoomState {
  const { seq } = record;
  if (seq !== state.seq + 1 && !(state.seq < seq && seq <= floor)) {
    throw new Gap(state.seq + 1, seq);
  }
  state.seq = seq;
  applyEvent(state, record);
  return state;
}

function applyEvent(state: RoomState, record: LogRecord): void {
  const { event } = record;
  switch (event.type) {
    case 'text_delta':
    case 'reasoning_delta':
      return delta(state, event, record.at);
    case 'call_output':
      return callOutput(state, event);
    case 'thread_created':
      return threadCreated(state, event, record);
    case 'thread_renamed':
    case 'thread_archived':
    case 'thread_mode_changed':
      return threadChanged(state, event);
    case 'thread_summarised':
      return threadSummarised(state, event, record);
    case 'message_posted':
      return messagePosted(state, event, record);
    case 'run_queued':
      return runQueued(state, event, record);
    case 'run_started':
      return runStarted(state, event, record);
    case 'run_delayed':
      return runDelayed(state, event);
    case 'run_finished':
      return runFinished(state, event, record);
    case 'step_started':
      return stepStarted(state, event, record);
    case 'step_finished':
      return stepFinished(state, event, record);
    case 'step_aborted':
      return stepAborted(state, event, record);
    case 'call_proposed':
      return callProposed(state, event, record);
    case 'call_started':
      return callStarted(state, event, record);
    case 'call_finished':
      return callFinished(state, event, record);
    case 'call_in_doubt':
      return callInDoubt(state, event, record);
    case 'call_offered':
    case 'call_claimed':
    case 'call_lapsed':
    case 'call_reported':
      return callClaim(state, event);
    case 'confirmation_opened':
      return confirmationOpened(state, event, record);
    case 'confirmation_decided':
    case 'confirmation_expired':
    case 'confirmation_withdrawn':
      return confirmationClosed(state, event, record);
    case 'decision_refused':
      return decisionRefused(state, event, record);
    case 'unknown':
      return;
    default:
      event satisfies never;
  }
}
