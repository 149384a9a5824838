import { COPILOT_AGENT } from '../core/state';
import type {
  Actor,
  Call,
  CallDone,
  CallDoubtful,
  CallProposal,
  CallRunning,
  Complete,
  Confirmation,
  Finished,
  Item,
  Open,
  PlanEntry,
  Posted,
  Queued,
  RoomState,
  Run,
  Running,
  Streaming,
  Struck,
  Thread
} from '../protocol';

export type Answer = Streaming | Complete | Struck;

/** A step that needs nobody: a thought, or a call that only reads. */
export type Quiet = { type: 'thought'; answer: Answer } | { type: 'call'; call: Call };

/** One row of a conversation as it is shown, top to bottom. */
export type Row =
  | { type: 'earlier'; key: string; dropped: number }
  | {
      type: 'posted';
      key: string;
      message: Posted;
      queued: Queued | null;
      /** Instructions of the project that its answer follows, where they are others than before. */
      sources: readonly string[];
    }
  | { type: 'speaker'; key: string; at: number; agent: Actor }
  | { type: 'activity'; key: string; steps: Quiet[]; folded: boolean }
  | { type: 'text'; key: string; answer: Answer }
  | { type: 'call'; key: string; call: Call }
  | { type: 'open'; key: string; confirmation: Open; call: Call | null; run: Run | null }
  | { type: 'group'; key: string; confirmations: Open[]; calls: Call[] }
  | { type: 'closed'; key: string; confirmation: Exclude<Confirmation, Open>; call: Call | null }
  | { type: 'doubt'; key: string; call: CallDoubtful; confirmation: Open | null }
  | { type: 'plan'; key: string; plan: readonly PlanEntry[] }
  | { type: 'working'; key: string; run: Running }
  | { type: 'delay'; key: string; run: Running }
  | { type: 'ended'; key: string; run: Finished; latest: boolean }
  | { type: 'changes'; key: string; calls: Call[] }
  | { type: 'summary'; key: string };

/**
 * A thread as rows: each message followed by the runs that answer it, messages that still wait at the end.
 *
 * Pure: the same state gives the same rows, with the same keys from one state to the next.
 */
export function timeline(state: RoomState, threadId: string): Row[] {
  const thread = state.threads[threadId];
  if (thread === undefined) {
    return [];
  }
  const rows: Row[] = [];
  if (thread.dropped > 0) {
    rows.push({ type: 'earlier', key: 'earlier', dropped: thread.dropped });
  }
  const waiting: Row[] = [];
  const byRun = itemsByRun(state, thread);
  const placed = new Set<string>();
  let before = NONE;
  for (const item of thread.items) {
    const runId = runOf(state, item);
    if (runId !== null) {
      if (!placed.has(runId)) {
        // Only where its message is no longer kept: otherwise the message brings its runs.
        placed.add(runId);
        rows.push(...runRows(state, runId, byRun.get(runId) ?? []));
      }
      continue;
    }
    const message = item.type === 'message' ? state.messages[item.id] : undefined;
    if (message?.status === 'posted') {
      const queued = queuedRun(state, message);
      const sources = state.runs[message.run_ids[0] ?? '']?.notebook?.sources;
      const isNew = sources !== undefined && sources.join('\n') !== before.join('\n');
      before = sources ?? before;
      const told = isNew ? sources : NONE;
      const row: Row = { type: 'posted', key: message.message_id, message, queued, sources: told };
      if (queued !== null && message.author.kind !== 'guest') {
        waiting.push(row);
        continue;
      }
      // What a guest asks for is told by its calls.
      if (message.author.kind !== 'guest') {
        rows.push(row);
      }
      for (const id of message.run_ids) {
        placed.add(id);
        rows.push(...runRows(state, id, byRun.get(id) ?? []));
      }
    } else if (item.type === 'confirmation') {
      rows.push(...confirmationRows(state, item.id));
    } else if (item.type === 'summary') {
      rows.push({ type: 'summary', key: item.id });
    }
  }
  return [...rows, ...waiting];
}

const NONE: readonly string[] = [];

/** The run of a posted message that queued, when none of them has begun. */
function queuedRun(state: RoomState, message: Posted): Queued | null {
  const runs = message.run_ids.map(id => state.runs[id]);
  const first = runs[0];
  return runs.length === 1 && first?.status === 'queued' ? first : null;
}

function runOf(state: RoomState, item: Item): string | null {
  switch (item.type) {
    case 'message': {
      const message = state.messages[item.id];
      return message?.status === 'posted' ? joinedRun(state, message) : (message?.run_id ?? null);
    }
    case 'call':
      return state.calls[item.id]?.run_id ?? null;
    case 'confirmation':
      return state.confirmations[item.id]?.run_id ?? null;
    case 'run':
      return item.id;
    case 'summary':
      return null;
  }
}

/** The run that was told a message while it was under way, where that answered it. */
function joinedRun(state: RoomState, message: Posted): string | null {
  const first = state.runs[message.run_ids[0] ?? ''];
  const isJoined = message.run_ids.length === 1 && first?.status === 'finished';
  return isJoined && first.into !== null && state.runs[first.into] !== undefined
    ? first.into
    : null;
}

function itemsByRun(state: RoomState, thread: Thread): Map<string, Item[]> {
  const byRun = new Map<string, Item[]>();
  for (const item of thread.items) {
    const runId = runOf(state, item);
    if (runId !== null) {
      byRun.set(runId, [...(byRun.get(runId) ?? []), item]);
    }
  }
  return byRun;
}

/** The rows of one run. The agent is named where it begins to speak, and again after a person has decided. */
function runRows(state: RoomState, runId: string, items: Item[]): Row[] {
  const run = state.runs[runId] ?? null;
  const rows: Row[] = [];
  let named = false;
  const speak = (at: number) => {
    if (!named) {
      const other = run !== null && run.status !== 'queued' ? run.agent : null;
      const agent = other ?? COPILOT_AGENT;
      rows.push({ type: 'speaker', key: `${runId}.speaker.${rows.length}`, at, agent });
      named = true;
    }
  };
  const addQuiet = (at: number, key: string, step: Quiet) => {
    speak(at);
    const last = rows[rows.length - 1];
    if (last?.type === 'activity') {
      last.steps.push(step);
    } else {
      rows.push({ type: 'activity', key: `activity.${key}`, steps: [step], folded: true });
    }
  };
  for (const item of items) {
    const message = item.type === 'message' ? state.messages[item.id] : undefined;
    if (message?.status === 'posted') {
      rows.push({ type: 'posted', key: item.id, message, queued: null, sources: NONE });
      named = false;
    } else if (message !== undefined) {
      if (message.reasoning !== '') {
        addQuiet(message.at, item.id, { type: 'thought', answer: message });
      }
      if (message.text !== '') {
        speak(message.at);
        rows.push({ type: 'text', key: item.id, answer: message });
      }
    }
    const call = item.type === 'call' ? state.calls[item.id] : undefined;
    if (call !== undefined) {
      if (isQuiet(call)) {
        addQuiet(call.proposed_at, item.id, { type: 'call', call });
      } else {
        const added = callRows(state, call, run);
        if (!named && added[0]?.type !== 'closed') {
          speak(call.proposed_at);
        }
        rows.push(...added);
        named = named && !added.some(row => row.type === 'closed');
      }
    }
    if (item.type === 'confirmation') {
      rows.push(...confirmationRows(state, item.id));
    }
  }
  const end = endRows(run, rows);
  rows.push(...groupRow(rows), ...changesRow(run, rows), ...planRow(run), ...end);
  const last = rows[rows.length - 1];
  if (last?.type === 'activity' && run?.status === 'running') {
    last.folded = false;
  }
  return rows;
}

/** Whether a call needs no attention of its own: it reads, and nothing about it went wrong in a way that asks for people. */
function isQuiet(call: Call): boolean {
  return call.effect === 'read' && call.confirmation_id === null && call.status !== 'in_doubt';
}

function callRows(state: RoomState, call: Call, run: Run | null): Row[] {
  const rows: Row[] = [];
  const confirmation = call.confirmation_id ? state.confirmations[call.confirmation_id] : undefined;
  if (confirmation?.status === 'open') {
    return [{ type: 'open', key: confirmation.confirmation_id, confirmation, call, run }];
  }
  if (confirmation !== undefined) {
    rows.push({ type: 'closed', key: confirmation.confirmation_id, confirmation, call });
  }
  if (call.status === 'in_doubt') {
    rows.push({ type: 'doubt', key: call.call_id, call, confirmation: doubtOf(state, call) });
  } else if (!isRefused(call)) {
    rows.push({ type: 'call', key: call.call_id, call });
  }
  return rows;
}

/** Whether the effect of a call was refused, so that the line about the decision says it all. */
function isRefused(call: Call): boolean {
  return (
    call.confirmation_id !== null &&
    (call.status === 'denied' || (call.status === 'finished' && call.denied))
  );
}

/** The open question whether to run a doubtful call again. */
function doubtOf(state: RoomState, call: CallDoubtful): Open | null {
  const found = Object.values(state.confirmations).find(
    c => c.status === 'open' && c.call_id === call.call_id
  );
  return found?.status === 'open' ? found : null;
}

function confirmationRows(state: RoomState, id: string): Row[] {
  const confirmation = state.confirmations[id];
  if (confirmation === undefined) {
    return [];
  }
  const call = confirmation.call_id ? (state.calls[confirmation.call_id] ?? null) : null;
  if (confirmation.status !== 'open') {
    return [{ type: 'closed', key: id, confirmation, call }];
  }
  if (call?.status === 'in_doubt') {
    return []; // The card of the doubtful call offers its options.
  }
  const run = confirmation.run_id ? (state.runs[confirmation.run_id] ?? null) : null;
  return [{ type: 'open', key: id, confirmation, call, run }];
}

/** What one answer asks for in several cards, to be decided together. */
function groupRow(rows: Row[]): Row[] {
  const open = rows.flatMap(row =>
    row.type === 'open' && row.confirmation.kind === 'tool_call' ? [row] : []
  );
  const answer = open[open.length - 1]?.call?.message_id;
  const ofAnswer = open.filter(row => row.call?.message_id === answer);
  const confirmations = ofAnswer.map(row => row.confirmation);
  const calls = ofAnswer.flatMap(row => row.call ?? []);
  return calls.length > 1 ? [{ type: 'group', key: `${answer}.group`, confirmations, calls }] : [];
}

/** What a run that is over changed in more than one call, to be taken back together. */
function changesRow(run: Run | null, rows: Row[]): Row[] {
  const calls = rows.flatMap(row =>
    row.type === 'call' && hasChanged(row.call) ? [row.call] : []
  );
  return run?.status === 'finished' && calls.length > 1
    ? [{ type: 'changes', key: `${run.run_id}.changes`, calls }]
    : [];
}

/** What the agent of a run means to do. */
function planRow(run: Run | null): Row[] {
  return run === null || run.plan.length === 0
    ? []
    : [{ type: 'plan', key: `${run.run_id}.plan`, plan: run.plan }];
}

function endRows(run: Run | null, rows: Row[]): Row[] {
  if (run?.status === 'finished' && run.outcome !== 'success') {
    return [{ type: 'ended', key: `${run.run_id}.end`, run, latest: true }];
  }
  if (run?.status !== 'running') {
    return [];
  }
  if (run.delay !== null) {
    return [{ type: 'delay', key: `${run.run_id}.delay`, run }];
  }
  return rows.some(isAlive) ? [] : [{ type: 'working', key: `${run.run_id}.working`, run }];
}

/** Whether a row shows by itself that the run goes on, or whom it waits for. */
function isAlive(row: Row): boolean {
  switch (row.type) {
    case 'text':
      return row.answer.status === 'streaming';
    case 'activity':
      return row.steps.some(s =>
        s.type === 'thought' ? s.answer.status === 'streaming' : !isOver(s.call)
      );
    case 'call':
      return !isOver(row.call);
    case 'open':
    case 'group':
      return true;
    default:
      return false;
  }
}

export function isOver(call: Call): call is CallDone | CallDoubtful {
  return call.status === 'finished' || call.status === 'in_doubt';
}

/** Whether a call is over and changed cells. */
export function hasChanged(call: Call): boolean {
  const isDone = call.status === 'finished' && !call.is_error;
  return isDone && call.preview.cells.some(diff => diff.action !== 'run');
}

/** When a call began, or was proposed. */
export function beganAt(call: Call): number {
  return (hasBegun(call) && call.started_at) || call.proposed_at;
}

function hasBegun(call: Call): call is CallRunning | CallDone | CallDoubtful {
  return call.status === 'started' || isOver(call);
}

/** Whether a call still queued or for a decision. */
export function isPending(call: Call): call is CallProposal {
  return call.status === 'proposed' || call.status === 'confirmed';
}

/** Whether two rows show the same; entries of the state are replaced, never edited, so that identity tells. */
export function sameRow(a: Row, b: Row): boolean {
  if (a.type === 'activity' && b.type === 'activity') {
    return (
      a.folded === b.folded &&
      a.steps.length === b.steps.length &&
      a.steps.every((step, i) => sameStep(step, b.steps[i]!))
    );
  }
  if (a.type === 'changes' && b.type === 'changes') {
    return a.calls.length === b.calls.length && a.calls.every((call, i) => call === b.calls[i]);
  }
  if (a.type === 'group' && b.type === 'group') {
    return (
      a.confirmations.length === b.confirmations.length &&
      a.confirmations.every((each, i) => each === b.confirmations[i]) &&
      a.calls.every((each, i) => each === b.calls[i])
    );
  }
  const left = a as unknown as Record<string, unknown>;
  const right = b as unknown as Record<string, unknown>;
  return Object.keys(left).every(key => left[key] === right[key]);
}

function sameStep(a: Quiet, b: Quiet): boolean {
  return a.type === 'thought'
    ? b.type === 'thought' && a.answer === b.answer
    : b.type === 'call' && a.call === b.call;
}
