import { COPILOT_AGENT } from '../../core/state';
import type {
  Actor,
  Call,
  CallDoubtful,
  Complete,
  Confirmation,
  Finished,
  Item,
  Open,
  PlanEntry,
  Posted,
  RoomState,
  Run,
  Running,
  Streaming,
  Struck
} from '../../protocol';
import { hasChanged, isOver } from './call-state';

export type Answer = Streaming | Complete | Struck;

export type Closed = Exclude<Confirmation, Open>;

/** A step that needs nobody: a thought, or a call that only reads. */
export type Quiet = { type: 'thought'; answer: Answer } | { type: 'call'; call: Call };

/** One part of what a run shows, top to bottom. */
export type Block =
  | { type: 'trace'; key: string; steps: Quiet[] }
  | { type: 'text'; key: string; answer: Answer }
  | { type: 'told'; key: string; message: Posted; agent: Actor }
  | { type: 'call'; key: string; call: Call; decided: Closed | null }
  | { type: 'open'; key: string; confirmation: Open; call: Call | null; run: Run | null }
  | { type: 'group'; key: string; confirmations: Open[]; calls: Call[] }
  | { type: 'closed'; key: string; confirmation: Closed; call: Call | null }
  | { type: 'doubt'; key: string; call: CallDoubtful; confirmation: Open | null }
  | { type: 'plan'; key: string; plan: readonly PlanEntry[] }
  | { type: 'working'; key: string; run: Running; step: Quiet | null }
  | { type: 'delay'; key: string; run: Running }
  | { type: 'ended'; key: string; run: Finished }
  | { type: 'changes'; key: string; calls: Call[] };

/** A run as one row. */
export interface RunRow {
  type: 'run';
  key: string;
  at: number;
  agent: Actor;
  run: Run | null;
  blocks: readonly Block[];
}

/** One run: all that it read and thought in one trace above what it said and did. Null while there is nothing to show. */
export function runRow(state: RoomState, runId: string, items: Item[]): RunRow | null {
  const run = state.runs[runId] ?? null;
  const begun = run !== null && run.status !== 'queued' ? run : null;
  const agent = begun?.agent ?? COPILOT_AGENT;
  const blocks: Block[] = [];
  const steps: Quiet[] = [];
  let at = Infinity;
  for (const item of items) {
    const message = item.type === 'message' ? state.messages[item.id] : undefined;
    if (message?.status === 'posted') {
      blocks.push({ type: 'told', key: item.id, message, agent });
    } else if (message !== undefined) {
      if (message.reasoning !== '') {
        at = Math.min(at, message.at);
        steps.push({ type: 'thought', answer: message });
      }
      if (message.text !== '') {
        at = Math.min(at, message.at);
        blocks.push({ type: 'text', key: item.id, answer: message });
      }
    }
    const call = item.type === 'call' ? state.calls[item.id] : undefined;
    if (call !== undefined) {
      at = Math.min(at, call.proposed_at);
      if (isQuiet(call)) {
        steps.push({ type: 'call', call });
      } else {
        blocks.push(...callBlocks(state, call, run));
      }
    }
    if (item.type === 'confirmation') {
      blocks.push(...confirmationBlocks(state, item.id));
    }
  }
  if (steps.length > 0) {
    blocks.unshift({ type: 'trace', key: `${runId}.trace`, steps });
  }
  const end = endBlocks(run, blocks);
  blocks.push(...groupBlock(blocks), ...changesBlock(run, blocks), ...planBlock(run), ...end);
  if (blocks.length === 0) {
    return null;
  }
  return {
    type: 'run',
    key: runId,
    at: at === Infinity ? (run?.queued_at ?? 0) : at,
    agent,
    run,
    blocks
  };
}

/** Whether a call needs no attention of its own: it reads, and nothing about it went wrong in a way that asks for people. */
function isQuiet(call: Call): boolean {
  return call.effect === 'read' && call.confirmation_id === null && call.status !== 'in_doubt';
}

function callBlocks(state: RoomState, call: Call, run: Run | null): Block[] {
  const confirmation = call.confirmation_id ? state.confirmations[call.confirmation_id] : undefined;
  if (confirmation?.status === 'open') {
    return [{ type: 'open', key: confirmation.confirmation_id, confirmation, call, run }];
  }
  const decided = confirmation ?? null;
  if (call.status === 'in_doubt') {
    const doubt: Block = {
      type: 'doubt',
      key: call.call_id,
      call,
      confirmation: doubtOf(state, call)
    };
    return decided ? [closed(decided, call), doubt] : [doubt];
  }
  return decided && isRefused(call)
    ? [closed(decided, call)]
    : [{ type: 'call', key: call.call_id, call, decided }];
}

function closed(confirmation: Closed, call: Call | null): Extract<Block, { type: 'closed' }> {
  return { type: 'closed', key: confirmation.confirmation_id, confirmation, call };
}

/** Whether the effect of a call was refused, so that the line about the decision says it all. */
function isRefused(call: Call): boolean {
  return (
    call.confirmation_id !== null &&
    (call.status === 'denied' || (call.status === 'finished' && call.denied))
  );
}

/** The open question whether to run a doubtful call again. */
export function doubtOf(state: RoomState, call: CallDoubtful): Open | null {
  const found = Object.values(state.confirmations).find(
    c => c.status === 'open' && c.call_id === call.call_id
  );
  return found?.status === 'open' ? found : null;
}

export function confirmationBlocks(
  state: RoomState,
  id: string
): Extract<Block, { type: 'open' | 'closed' }>[] {
  const confirmation = state.confirmations[id];
  if (confirmation === undefined) {
    return [];
  }
  const call = confirmation.call_id ? (state.calls[confirmation.call_id] ?? null) : null;
  if (confirmation.status !== 'open') {
    return [closed(confirmation, call)];
  }
  if (call?.status === 'in_doubt') {
    return []; // The card of the doubtful call offers its options.
  }
  const run = confirmation.run_id ? (state.runs[confirmation.run_id] ?? null) : null;
  return [{ type: 'open', key: id, confirmation, call, run }];
}

/** What one answer asks for in several cards, to be decided together. */
function groupBlock(blocks: Block[]): Block[] {
  const open = blocks.flatMap(block =>
    block.type === 'open' && block.confirmation.kind === 'tool_call' ? [block] : []
  );
  const answer = open[open.length - 1]?.call?.message_id;
  const ofAnswer = open.filter(block => block.call?.message_id === answer);
  const confirmations = ofAnswer.map(block => block.confirmation);
  const calls = ofAnswer.flatMap(block => block.call ?? []);
  return calls.length > 1 ? [{ type: 'group', key: `${answer}.group`, confirmations, calls }] : [];
}

/** What a run that is over changed in more than one call, to be taken back together. */
function changesBlock(run: Run | null, blocks: Block[]): Block[] {
  const calls = blocks.flatMap(block =>
    block.type === 'call' && hasChanged(block.call) ? [block.call] : []
  );
  return run?.status === 'finished' && calls.length > 1
    ? [{ type: 'changes', key: `${run.run_id}.changes`, calls }]
    : [];
}

/** What the agent of a run means to do. */
function planBlock(run: Run | null): Block[] {
  return run === null || run.plan.length === 0
    ? []
    : [{ type: 'plan', key: `${run.run_id}.plan`, plan: run.plan }];
}

function endBlocks(run: Run | null, blocks: Block[]): Block[] {
  if (run?.status === 'finished' && run.outcome !== 'success') {
    return [{ type: 'ended', key: `${run.run_id}.end`, run }];
  }
  if (run?.status !== 'running') {
    return [];
  }
  if (run.delay !== null) {
    return [{ type: 'delay', key: `${run.run_id}.delay`, run }];
  }
  if (blocks.some(isAlive)) {
    return [];
  }
  // A trace that stands at the end says by itself what goes on.
  const trace = blocks[0]?.type === 'trace' ? blocks[0] : null;
  const step = trace?.steps.find(isGoingOn) ?? null;
  return step !== null && blocks.length === 1
    ? []
    : [{ type: 'working', key: `${run.run_id}.working`, run, step }];
}

/** Whether a step has begun and not ended. */
export function isGoingOn(step: Quiet): boolean {
  return step.type === 'thought'
    ? step.answer.status === 'streaming' && step.answer.first_text_at === null
    : !isOver(step.call);
}

/** Whether a block shows by itself that the run goes on, or whom it waits for. */
function isAlive(block: Block): boolean {
  switch (block.type) {
    case 'text':
      return block.answer.status === 'streaming';
    case 'call':
      return !isOver(block.call);
    case 'open':
    case 'group':
      return true;
    default:
      return false;
  }
}

/** All that the agent said in a run. */
export function answerOf({ blocks }: RunRow): string {
  return blocks.flatMap(block => (block.type === 'text' ? [block.answer.text] : [])).join('\n\n');
}

/** Whether two blocks show the same. */
export function sameBlock(a: Block, b: Block): boolean {
  const left: Record<string, unknown> = { ...a };
  const right: Record<string, unknown> = { ...b };
  return Object.keys(left).every(
    key => left[key] === right[key] || sameList(left[key], right[key])
  );
}

function sameList(a: unknown, b: unknown): boolean {
  return (
    Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((each, i) => each === b[i] || sameStep(each, b[i]))
  );
}

function sameStep(a: Quiet, b: Quiet): boolean {
  return a.type === 'thought'
    ? b.type === 'thought' && a.answer === b.answer
    : a.type === 'call' && b.type === 'call' && a.call === b.call;
}
