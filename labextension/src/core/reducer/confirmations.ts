/** Confirmations, and what their end means for the call that they were asked for. */
import { APPROVE } from '../../protocol';
import type {
  ConfirmationDecided,
  ConfirmationExpired,
  ConfirmationOpened,
  ConfirmationWithdrawn,
  DecisionRefused,
  LogRecord,
  Open,
  RoomState
} from '../../protocol';
import { shared } from './calls';
import { addItem } from './threads';

type Closing = ConfirmationDecided | ConfirmationExpired | ConfirmationWithdrawn;

export function confirmationOpened(
  state: RoomState,
  event: ConfirmationOpened,
  record: LogRecord
): void {
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
    tried_by: null
  };
  const call = call_id === null ? undefined : state.calls[call_id];
  if (call?.status === 'proposed') {
    state.calls[call.call_id] = { ...call, confirmation_id };
  } else {
    addItem(state, thread_id, 'confirmation', confirmation_id);
  }
}

export function confirmationClosed(state: RoomState, event: Closing, record: LogRecord): void {
  const opened = state.confirmations[event.confirmation_id];
  if (opened?.status !== 'open') {
    return;
  }
  const { actor: by, at } = record;
  switch (event.type) {
    case 'confirmation_decided': {
      const { option, value, edited_args, comment } = event;
      state.confirmations[event.confirmation_id] = {
        ...opened,
        status: 'decided',
        by,
        at,
        option,
        value,
        edited_args,
        comment
      };
      break;
    }
    case 'confirmation_expired':
      state.confirmations[event.confirmation_id] = { ...opened, status: 'expired', at };
      break;
    case 'confirmation_withdrawn': {
      const { reason } = event;
      state.confirmations[event.confirmation_id] = {
        ...opened,
        status: 'withdrawn',
        by,
        at,
        reason
      };
      break;
    }
    default:
      event satisfies never;
  }
  if (opened.kind === 'tool_call') {
    settleCall(state, opened, event);
  }
}

export function decisionRefused(state: RoomState, event: DecisionRefused, record: LogRecord): void {
  const opened = state.confirmations[event.confirmation_id];
  if (opened?.status === 'open') {
    state.confirmations[event.confirmation_id] = { ...opened, tried_by: record.actor };
  }
}

function settleCall(state: RoomState, opened: Open, event: Closing): void {
  const call = opened.call_id === null ? undefined : state.calls[opened.call_id];
  if (call?.status !== 'proposed') {
    return;
  }
  if (event.type === 'confirmation_decided' && event.option === APPROVE) {
    state.calls[call.call_id] = {
      ...shared(call),
      status: 'confirmed',
      args: event.edited_args ?? call.args,
      edited: event.edited_args !== null
    };
  } else {
    state.calls[call.call_id] = { ...shared(call), status: 'denied', reason: denial(event) };
  }
}

function denial(event: Closing): string {
  switch (event.type) {
    case 'confirmation_decided':
      return event.comment;
    case 'confirmation_expired':
      return 'expired';
    case 'confirmation_withdrawn':
      return event.reason || 'withdrawn';
  }
}
