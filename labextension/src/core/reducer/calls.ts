/** Tool calls, their output, and the front ends that execute them. */
import { RETAINED_OUTPUTS, RETAINED_OUTPUT_CHARS } from '../../protocol';
import type {
  Call,
  CallClaimed,
  CallFinished,
  CallInDoubt,
  CallLapsed,
  CallOffered,
  CallOutput,
  CallProposal,
  CallProposed,
  CallReported,
  CallRevised,
  CallRunning,
  CallStarted,
  Claim,
  CallUndone,
  LogRecord,
  Output,
  RoomState
} from '../../protocol';
import type { Folds } from './folds';
import { addItem } from './threads';

function callProposed(state: RoomState, event: CallProposed, record: LogRecord): void {
  const run = state.runs[event.run_id];
  if (run?.status !== 'running' || state.calls[event.call_id] !== undefined) {
    return;
  }
  state.calls[event.call_id] = {
    status: 'proposed',
    call_id: event.call_id,
    run_id: run.run_id,
    thread_id: run.thread_id,
    message_id: event.message_id,
    step: event.step,
    tool: event.tool,
    args: event.args,
    effect: event.effect,
    args_hash: event.args_hash,
    preview: event.preview,
    proposed_at: record.at,
    raw_args: event.raw_args,
    extra: event.extra,
    confirmation_id: null,
    circumstances: event.circumstances,
    allowed_by: null
  };
  addItem(state, run.thread_id, 'call', event.call_id);
}

/** The fields that a call keeps through all its variants. */
export function shared(call: Call): Omit<CallProposal, 'status'> {
  return {
    call_id: call.call_id,
    run_id: call.run_id,
    thread_id: call.thread_id,
    message_id: call.message_id,
    step: call.step,
    tool: call.tool,
    args: call.args,
    effect: call.effect,
    args_hash: call.args_hash,
    preview: call.preview,
    proposed_at: call.proposed_at,
    raw_args: call.raw_args,
    extra: call.extra,
    confirmation_id: call.confirmation_id,
    circumstances: call.circumstances,
    allowed_by: call.allowed_by
  };
}

function callRevised(state: RoomState, event: CallRevised): void {
  const call = state.calls[event.call_id];
  const opened =
    call?.status === 'proposed' && call.confirmation_id !== null
      ? state.confirmations[call.confirmation_id]
      : undefined;
  if (call?.status === 'proposed' && opened?.status === 'open') {
    const { preview, args_hash, body } = event;
    const { title } = preview;
    const circumstances = event.circumstances ?? call.circumstances;
    state.calls[event.call_id] = { ...call, preview, args_hash, circumstances };
    state.confirmations[opened.confirmation_id] = {
      ...opened,
      title,
      args_hash,
      body,
      votes: []
    };
  }
}

function callStarted(state: RoomState, event: CallStarted, record: LogRecord): void {
  const call = state.calls[event.call_id];
  if (call?.status !== 'proposed' && call?.status !== 'confirmed') {
    return;
  }
  state.calls[event.call_id] = {
    ...shared(call),
    status: 'started',
    args: event.args ?? call.args,
    preview: event.preview ?? call.preview,
    exec_id: event.exec_id,
    adapter: event.adapter,
    started_at: record.at,
    outputs: [],
    claim: null,
    report: null
  };
}

function callOutput(state: RoomState, event: CallOutput): void {
  const call = state.calls[event.call_id];
  if (call?.status === 'started') {
    const outputs = withOutput(call.outputs, event.output);
    state.calls[event.call_id] = { ...call, outputs };
  }
}

/** Adjacent text of one stream is joined; only the latest text and pieces are kept. */
function withOutput(outputs: readonly Output[], output: Output): readonly Output[] {
  const { kind, cell_id } = output;
  if (kind === 'clear') {
    return outputs.filter(kept => kept.cell_id !== cell_id);
  }
  const last = outputs.at(-1);
  const joins = kind === 'stdout' || kind === 'stderr';
  if (joins && last?.kind === kind && last.cell_id === cell_id) {
    const text = lastChars(last.text + output.text, RETAINED_OUTPUT_CHARS);
    return [...outputs.slice(0, -1), { ...last, text }];
  }
  return [...outputs, output].slice(-RETAINED_OUTPUTS);
}

/** The end of a text, counted in characters as Python counts them: a surrogate pair is one. */
function lastChars(text: string, count: number): string {
  if (text.length <= count) {
    return text;
  }
  let start = text.length;
  for (let left = count; left > 0 && start > 0; left--) {
    start -= (text.codePointAt(start - 2) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(start);
}

function callFinished(state: RoomState, event: CallFinished, record: LogRecord): void {
  const call = state.calls[event.call_id];
  if (call === undefined || call.status === 'finished') {
    return;
  }
  const begun = call.status === 'started' || call.status === 'in_doubt' ? call : null;
  state.calls[event.call_id] = {
    ...shared(call),
    status: 'finished',
    finished_at: record.at,
    started_at: begun?.started_at ?? null,
    exec_id: begun?.exec_id ?? null,
    adapter: begun?.adapter ?? null,
    outputs: begun?.outputs ?? [],
    result: event.result,
    is_error: event.is_error,
    denied: call.status === 'denied',
    was_in_doubt: call.status === 'in_doubt',
    undone: null
  };
}

function callUndone(state: RoomState, event: CallUndone, record: LogRecord): void {
  const call = state.calls[event.call_id];
  if (call?.status === 'finished' && !call.is_error) {
    const undone = { by: record.actor, at: record.at, outputs: event.outputs };
    state.calls[event.call_id] = { ...call, undone };
  }
}

function callInDoubt(state: RoomState, event: CallInDoubt, record: LogRecord): void {
  const call = state.calls[event.call_id];
  if (call?.status === 'started') {
    state.calls[event.call_id] = {
      ...shared(call),
      status: 'in_doubt',
      exec_id: call.exec_id,
      adapter: call.adapter,
      started_at: call.started_at,
      outputs: call.outputs,
      message: event.message,
      at: record.at
    };
  }
}

function callOffered(state: RoomState, event: CallOffered): void {
  const call = state.calls[event.call_id];
  if (call?.status === 'started') {
    const { fence, operation, until, prefer } = event;
    const claim = {
      fence,
      operation,
      until,
      prefer,
      client_id: null,
      started: false,
      session: null
    };
    state.calls[event.call_id] = { ...call, claim, report: null };
  }
}

function callClaimed(state: RoomState, event: CallClaimed, record: LogRecord): void {
  const held = heldCall(state, event);
  if (held !== null) {
    const { client_id, until, started } = event;
    const session = record.actor.session ?? null;
    const claim = { ...held.claim, client_id, session, until, started };
    state.calls[event.call_id] = { ...held, claim };
  }
}

function callLapsed(state: RoomState, event: CallLapsed): void {
  const held = heldCall(state, event);
  if (held !== null) {
    state.calls[event.call_id] = { ...held, claim: null };
  }
}

function callReported(state: RoomState, event: CallReported): void {
  const held = heldCall(state, event);
  if (held !== null) {
    state.calls[event.call_id] = { ...held, claim: null, report: event.result };
  }
}

/** The begun call whose claim the event is about; null when it is about an older claim. */
function heldCall(
  state: RoomState,
  event: CallClaimed | CallLapsed | CallReported
): (CallRunning & { claim: Claim }) | null {
  const call = state.calls[event.call_id];
  const { claim = null } = call?.status === 'started' ? call : {};
  return call?.status === 'started' && claim?.fence === event.fence ? { ...call, claim } : null;
}

export const callFolds = {
  call_proposed: callProposed,
  call_revised: callRevised,
  call_started: callStarted,
  call_output: callOutput,
  call_offered: callOffered,
  call_claimed: callClaimed,
  call_lapsed: callLapsed,
  call_reported: callReported,
  call_in_doubt: callInDoubt,
  call_finished: callFinished,
  call_undone: callUndone
} satisfies Partial<Folds>;
