/** Confirmations, and what their end means for the call that they were asked for. */
import { ALLOW, APPROVE } from '../../protocol';
import type {
  CallProposal,
  ConfirmationDecided,
  ConfirmationExpired,
  ConfirmationId,
  ConfirmationOpened,
  ConfirmationVoted,
  ConfirmationWithdrawn,
  DecisionRefused,
  LogRecord,
  Open,
  RoomState,
  VoteWithdrawn
} from '../../protocol';
import { allow } from './budgets';
import { shared } from './calls';
import type { Folds } from './folds';
import { countUse } from './rules';
import { addItem } from './threads';

function confirmationOpened(state: RoomState, event: ConfirmationOpened, record: LogRecord): void {
  const { confirmation_id, thread_id, call_id } = event;
  if (
    state.confirmations[confirmation_id] !== undefined ||
    state.threads[thread_id] === undefined
  ) {
    return;
  }
  state.confirmations[confirmation_id] = {
    status: 'open',
    confirmation_id,
    kind: event.kind,
    thread_id,
    title: event.title,
    args_hash: event.args_hash,
    options: event.options,
    policy: event.policy,
    opened_by: record.actor,
    opened_at: record.at,
    body: event.body,
    call_id,
    run_id: event.run_id,
    schema: event.schema,
    expires_at: event.expires_at,
    tried_by: null,
    votes: [],
    budget: event.budget
  };
  const call = call_id === null ? undefined : state.calls[call_id];
  if (call?.status === 'proposed') {
    state.calls[call.call_id] = { ...call, confirmation_id };
  } else {
    addItem(state, thread_id, 'confirmation', confirmation_id);
  }
}

function confirmationDecided(
  state: RoomState,
  event: ConfirmationDecided,
  record: LogRecord
): void {
  const opened = openOf(state, event);
  if (opened === null) {
    return;
  }
  const { actor: by, at } = record;
  const { option, value, edited_args, comment, rule_id } = event;
  const decision = { option, value, edited_args, comment, rule_id };
  const decided = { status: 'decided', by, at, ...decision } as const;
  const rule = rule_id === null ? undefined : state.rules[rule_id];
  if (rule !== undefined) {
    countUse(state, rule);
  }
  state.confirmations[event.confirmation_id] = { ...opened, ...decided };
  if (opened.budget !== null && option === ALLOW) {
    allow(state, opened.budget);
  }
  const call = proposalOf(state, opened);
  if (call !== null && option === APPROVE) {
    state.calls[call.call_id] = {
      ...shared(call),
      status: 'confirmed',
      args: edited_args ?? call.args,
      edited: edited_args !== null
    };
  } else {
    deny(state, call, comment);
  }
}

function confirmationVoted(state: RoomState, event: ConfirmationVoted, record: LogRecord): void {
  const opened = openOf(state, event);
  const { actor: by, at } = record;
  if (opened !== null && opened.votes.every(vote => vote.by.id !== by.id)) {
    const votes = [...opened.votes, { by, at, comment: event.comment }];
    state.confirmations[event.confirmation_id] = { ...opened, votes };
  }
}

function voteWithdrawn(state: RoomState, event: VoteWithdrawn): void {
  const opened = openOf(state, event);
  if (opened !== null) {
    const votes = opened.votes.filter(vote => vote.by.id !== event.person_id);
    state.confirmations[event.confirmation_id] = { ...opened, votes };
  }
}

function confirmationExpired(
  state: RoomState,
  event: ConfirmationExpired,
  record: LogRecord
): void {
  const opened = openOf(state, event);
  if (opened !== null) {
    const { at } = record;
    state.confirmations[event.confirmation_id] = { ...opened, status: 'expired', at };
    deny(state, proposalOf(state, opened), 'expired');
  }
}

function confirmationWithdrawn(
  state: RoomState,
  event: ConfirmationWithdrawn,
  record: LogRecord
): void {
  const opened = openOf(state, event);
  if (opened !== null) {
    const { actor: by, at } = record;
    const { reason } = event;
    state.confirmations[event.confirmation_id] = { ...opened, status: 'withdrawn', by, at, reason };
    deny(state, proposalOf(state, opened), reason || 'withdrawn');
  }
}

function decisionRefused(state: RoomState, event: DecisionRefused, record: LogRecord): void {
  const opened = openOf(state, event);
  if (opened !== null) {
    state.confirmations[event.confirmation_id] = { ...opened, tried_by: record.actor };
  }
}

/** The confirmation that an event is about, while it is open. */
function openOf(
  state: RoomState,
  { confirmation_id }: { confirmation_id: ConfirmationId }
): Open | null {
  const found = state.confirmations[confirmation_id];
  return found?.status === 'open' ? found : null;
}

/** The proposed call that waits for a confirmation. */
function proposalOf(state: RoomState, { kind, call_id }: Open): CallProposal | null {
  const call = kind === 'tool_call' && call_id !== null ? state.calls[call_id] : undefined;
  return call?.status === 'proposed' ? call : null;
}

function deny(state: RoomState, call: CallProposal | null, reason: string): void {
  if (call !== null) {
    state.calls[call.call_id] = { ...shared(call), status: 'denied', reason };
  }
}

export const confirmationFolds = {
  confirmation_opened: confirmationOpened,
  confirmation_decided: confirmationDecided,
  confirmation_voted: confirmationVoted,
  vote_withdrawn: voteWithdrawn,
  confirmation_expired: confirmationExpired,
  confirmation_withdrawn: confirmationWithdrawn,
  decision_refused: decisionRefused
} satisfies Partial<Folds>;
