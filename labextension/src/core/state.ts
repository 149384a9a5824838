/**
 * The state of a room and what can be read from it.
 *
 * `RoomState` and its maps are changed in place by `apply`, which owns them. Everything inside the maps is frozen by
 * type: an entry that changes is replaced, so that `===` tells a reader whether it must draw again.
 */
import { COPILOT, MAIN_THREAD } from '../protocol';
import type {
  Actor,
  BudgetAsk,
  Call,
  Confirmation,
  Delivery,
  Guest,
  LogId,
  Mention,
  Message,
  MessageContext,
  Open,
  Policy,
  Rule,
  Run,
  RoomState,
  Running,
  Spent,
  Thread,
  ThreadId,
  Usage
} from '../protocol';

/** The author of a run's records where nothing else was said. */
export const COPILOT_AGENT: Actor = { kind: 'agent', id: COPILOT, name: 'Copilot' };
const SYSTEM: Actor = { kind: 'server', id: 'server', name: 'Server' };
export const NO_USAGE: Usage = { prompt: 0, cached: 0, completion: 0, reasoning: 0, prefix: 0 };
export const NO_CONTEXT: MessageContext = {
  active_cell_id: null,
  cells: [],
  selection: null,
  files: [],
  variables: [],
  images: []
};

/** A mode that does not end by itself. */
export const ENDLESS = { mode_until: null, mode_one_answer: false, mode_by: null } as const;

/** A map without prototype: ids come from people, and one may be called `constructor`. */
function emptyMap<T>(): { [id: string]: T } {
  return Object.create(null) as { [id: string]: T };
}

/** A thread as it is when it has just been made. */
export function newThread(
  id: ThreadId,
  title: string,
  createdAt: number,
  createdBy: Actor
): Thread {
  return {
    thread_id: id,
    title,
    created_at: createdAt,
    created_by: createdBy,
    mode: 'ask',
    ...ENDLESS,
    archived: false,
    items: [],
    dropped: 0,
    summary: null,
    active_run_id: null,
    queue: [],
    sessions: {},
    rewinds: []
  };
}

/** The state before the first record: an empty room with the thread `main`. */
export function initial(log: LogId): RoomState {
  const threads = emptyMap<Thread>();
  threads[MAIN_THREAD] = newThread(MAIN_THREAD, 'Main', 0, SYSTEM);
  return {
    log,
    seq: 0,
    threads,
    messages: emptyMap<Message>(),
    runs: emptyMap<Run>(),
    calls: emptyMap<Call>(),
    confirmations: emptyMap<Confirmation>(),
    rules: emptyMap<Rule>(),
    usage: NO_USAGE,
    guests: emptyMap<Guest>(),
    notices: emptyMap<Delivery>(),
    mentions: emptyMap<Mention>(),
    spent: emptyMap<Spent>(),
    allowances: emptyMap<BudgetAsk>()
  };
}

// Selectors: what is derived is never stored

/** The run that is driven in this thread now. */
export function activeRun(state: RoomState, threadId: ThreadId): Running | null {
  const runId = state.threads[threadId]?.active_run_id;
  const run = runId ? state.runs[runId] : undefined;
  return run?.status === 'running' ? run : null;
}

/** Every confirmation that waits for a person, oldest first. */
export function openConfirmations(state: RoomState): Open[] {
  const open = Object.values(state.confirmations).filter(each => each.status === 'open');
  return open.sort((a, b) => a.opened_at - b.opened_at);
}

/** The ids of a thread's items that rewinds took back: they are shown apart, and told no more. */
export function takenBack({ items, rewinds }: Thread): ReadonlySet<string> {
  const ids = rewinds.length > 0 ? items.map(item => item.id) : [];
  const found = rewinds.map(({ since, through }) =>
    ids.slice(Math.max(ids.indexOf(since), 0), ids.indexOf(through) + 1)
  );
  return new Set(found.flat());
}

/** The policy that anybody with a right decides under. */
export const PLAIN_POLICY: Policy = {
  right: 'write',
  not_opener: false,
  needed: 0,
  people: [],
  groups: [],
  not_asker: false,
  escalate_at: null,
  escalate_to: []
};
