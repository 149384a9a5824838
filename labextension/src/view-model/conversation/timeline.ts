import { takenBack } from '../../core/state';
import type {
  Call,
  Item,
  Open,
  Posted,
  Queued,
  Rewound,
  RoomState,
  Run,
  Thread
} from '../../protocol';
import {
  type Block,
  type Closed,
  confirmationBlocks,
  doubtOf,
  runRow,
  type RunRow
} from './run-blocks';

/** One row of a conversation as it is shown, top to bottom: a run is one. */
export type Row =
  | { type: 'earlier'; key: string; dropped: number }
  | {
      type: 'posted';
      key: string;
      message: Posted;
      queued: Queued | null;
      /** Instructions of the project that its answer follows, where they are others than before. */
      sources: readonly string[];
      /** Whether the notebook was kept since, so that it can go back to before it. */
      kept: boolean;
    }
  | { type: 'rewound'; key: string; threadId: string; rewound: Rewound; count: number }
  | RunRow
  | { type: 'open'; key: string; confirmation: Open; call: Call | null; run: Run | null }
  | { type: 'closed'; key: string; confirmation: Closed; call: Call | null }
  | { type: 'summary'; key: string };

/**
 * A thread as rows: each message followed by the runs that answer it, messages that still wait at the end.
 *
 * Pure: the same state gives the same rows, with the same keys from one state to the next. With the rows of the state
 * before, those that show the same are the very same objects; a run that nothing happened to is not even looked at.
 */
export function timeline(state: RoomState, threadId: string, before: Timeline = NOTHING): Timeline {
  const thread = state.threads[threadId];
  if (thread === undefined) {
    return NOTHING;
  }
  const rows: Row[] = [];
  const waiting: Row[] = [];
  const entries = new Map<string, readonly unknown[]>();
  const add = (row: Row, of: readonly unknown[], to = rows) => {
    entries.set(row.key, of);
    const old = sameEntries(before.entries.get(row.key), of) ? before.byKey.get(row.key) : null;
    to.push(old ?? row);
  };
  const addRun = (runId: string, items: Item[]) => {
    const of = entriesOf(state, runId, items);
    const isSame = sameEntries(before.entries.get(runId), of);
    const row = (isSame && before.byKey.get(runId)) || runRow(state, runId, items);
    entries.set(runId, of);
    if (row !== null) {
      rows.push(row);
    }
  };
  if (thread.dropped > 0) {
    add({ type: 'earlier', key: 'earlier', dropped: thread.dropped }, [thread.dropped]);
  }
  let followed = NO_SOURCES;
  const gone = takenBack(thread);
  const lastKept = lastCheckpoint(state);
  const byRun = itemsByRun(state, thread, gone);
  const placed = new Set<string>();
  for (const item of thread.items) {
    if (gone.has(item.id)) {
      for (const row of rewoundRows(thread, item.id)) {
        add(row, [row.rewound, row.count]);
      }
      continue;
    }
    const runId = runOf(state, item);
    if (runId !== null) {
      if (!placed.has(runId)) {
        // Only where its message is no longer kept: otherwise the message brings its runs.
        placed.add(runId);
        addRun(runId, byRun.get(runId) ?? []);
      }
      continue;
    }
    const message = item.type === 'message' ? state.messages[item.id] : undefined;
    if (message?.status === 'posted') {
      const queued = queuedRun(state, message);
      const now = sourcesOf(state, message) ?? followed;
      // Instructions of the project that its answer follows, where they are others than before.
      const sources = now.join('\n') === followed.join('\n') ? NO_SOURCES : now;
      followed = now;
      const kept = message.at <= lastKept;
      const key = message.message_id;
      const row: Row = { type: 'posted', key, message, queued, sources, kept };
      const of = [message, queued, sources.join(), kept];
      if (queued !== null && message.author.kind !== 'guest') {
        add(row, of, waiting);
        continue;
      }
      // What a guest asks for is told by its calls.
      if (message.author.kind !== 'guest') {
        add(row, of);
      }
      for (const id of message.run_ids) {
        placed.add(id);
        addRun(id, byRun.get(id) ?? []);
      }
    } else if (item.type === 'confirmation') {
      for (const row of confirmationBlocks(state, item.id)) {
        add(row, [row.confirmation, row.call]);
      }
    } else if (item.type === 'summary') {
      add({ type: 'summary', key: item.id }, [item.id]);
    }
  }
  const all = [...rows, ...waiting];
  return { rows: all, entries, byKey: new Map(all.map(row => [row.key, row])) };
}

const NO_SOURCES: readonly string[] = [];

/** What instructions the answer to a message follows, by where they are from; undefined before it is told any. */
function sourcesOf(state: RoomState, message: Posted): readonly string[] | undefined {
  return state.runs[message.run_ids[0] ?? '']?.notebook?.sources;
}

/** Rows, and from which entries of the state each was made. */
export interface Timeline {
  readonly rows: readonly Row[];
  readonly entries: ReadonlyMap<string, readonly unknown[]>;
  readonly byKey: ReadonlyMap<string, Row>;
}

export const NOTHING: Timeline = { rows: [], entries: new Map(), byKey: new Map() };

/** The blocks of a row; what stands outside of a run is one itself. */
export function blocksOf(row: Row): readonly Block[] {
  return row.type === 'run'
    ? row.blocks
    : row.type === 'open' || row.type === 'closed'
      ? [row]
      : [];
}

/** All that the row of a run is made from: entries of the state are replaced, never edited, so that identity tells. */
function entriesOf(state: RoomState, runId: string, items: Item[]): unknown[] {
  const entries: unknown[] = [state.runs[runId]];
  for (const { type, id } of items) {
    const call = type === 'call' ? state.calls[id] : undefined;
    const confirmation = type === 'confirmation' ? state.confirmations[id] : undefined;
    entries.push(type === 'message' ? state.messages[id] : (call ?? confirmation));
    if (call?.confirmation_id) {
      entries.push(state.confirmations[call.confirmation_id]);
    }
    if (call?.status === 'in_doubt') {
      entries.push(doubtOf(state, call));
    }
    if (confirmation?.call_id) {
      entries.push(state.calls[confirmation.call_id]);
    }
  }
  return entries;
}

function sameEntries(a: readonly unknown[] | undefined, b: readonly unknown[]): boolean {
  return a?.length === b.length && a.every((each, i) => each === b[i]);
}

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

/** When the notebook was last kept before an answer changed it; 0 if it never was. */
function lastCheckpoint(state: RoomState): number {
  return Object.values(state.runs).reduce(
    (last, run) => Math.max(last, run.checkpoint?.at ?? 0),
    0
  );
}

/** The rows that stand for what was taken back, in the place of the last item of each; one within a later is not told. */
function rewoundRows(thread: Thread, id: string): Extract<Row, { type: 'rewound' }>[] {
  return thread.rewinds
    .filter(({ through }, index) => {
      const later = thread.rewinds.slice(index + 1);
      return through === id && !takenBack({ ...thread, rewinds: later }).has(id);
    })
    .map(rewound => ({
      type: 'rewound',
      key: `${rewound.rewind_id}.rewound`,
      threadId: thread.thread_id,
      rewound,
      count: takenBack({ ...thread, rewinds: [rewound] }).size
    }));
}

function itemsByRun(
  state: RoomState,
  thread: Thread,
  gone: ReadonlySet<string>
): Map<string, Item[]> {
  const byRun = new Map<string, Item[]>();
  for (const item of thread.items) {
    const runId = gone.has(item.id) ? null : runOf(state, item);
    if (runId !== null) {
      const items = byRun.get(runId);
      if (items === undefined) {
        byRun.set(runId, [item]);
      } else {
        items.push(item);
      }
    }
  }
  return byRun;
}
