/**
 * The fold: `apply(state, record)` is how every participant learns what happened. It does exactly what
 * `jupyter_copilot/core/reducer/` does, whose table of transitions is the reference; the golden traces hold the two together.
 *
 * It is total and deterministic, and an event that does not fit the state it meets is a no-op. Only a record out of its
 * place is refused. The cost of one record does not grow with the history.
 */
import { Gap } from '../../protocol/errors';
import type { LogRecord, RoomState } from '../../protocol';
import { callFolds } from './calls';
import { confirmationFolds } from './confirmations';
import type { Fold, Folds } from './folds';
import { agentFolds } from './agents';
import { budgetFolds } from './budgets';
import { guestFolds } from './guests';
import { noticeFolds } from './notices';
import { ruleFolds } from './rules';
import { runFolds } from './runs';
import { threadFolds } from './threads';

/** One row an event; the compiler misses a row that is missing. */
const FOLDS: Folds = {
  ...threadFolds,
  ...ruleFolds,
  ...runFolds,
  ...callFolds,
  ...confirmationFolds,
  ...agentFolds,
  ...guestFolds,
  ...noticeFolds,
  ...budgetFolds
};

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
  const { event } = record;
  if (event.type !== 'unknown') {
    const handle: Fold<never> = FOLDS[event.type]; // the one that takes this event
    handle(state, event as never, record);
  }
  return state;
}
