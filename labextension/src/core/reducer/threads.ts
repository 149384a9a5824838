/** Threads and their timelines, which are pruned to a bounded length. */
import { PRUNE_TO, RETAINED_ITEMS } from '../../protocol';
import type { Item, ItemType, RoomState, RunId, Thread, ThreadId } from '../../protocol';
import { newThread, takenBack } from '../state';
import type { Folds } from './folds';
import { endRules } from './rules';

export const threadFolds = {
  thread_created: (state, event, record) => {
    if (state.threads[event.thread_id] === undefined) {
      const thread = newThread(event.thread_id, event.title, record.at, record.actor);
      state.threads[event.thread_id] = thread;
    }
  },
  thread_renamed: (state, { thread_id, title }) => updateThread(state, thread_id, { title }),
  thread_archived: (state, { thread_id }) => {
    if (state.threads[thread_id] !== undefined) {
      updateThread(state, thread_id, { archived: true });
      endRules(state, rule => rule.thread_id === thread_id);
    }
  },
  thread_mode_changed: (state, { thread_id, mode, until, one_answer }, { actor }) => {
    const mode_by = until !== null || one_answer ? actor : null;
    const ends = { mode_until: until, mode_one_answer: one_answer, mode_by };
    updateThread(state, thread_id, { mode, ...ends });
  },
  thread_summarised: (state, event, record) => {
    if (state.threads[event.thread_id] !== undefined) {
      const summary = { through: event.through, text: event.text, at: record.at };
      updateThread(state, event.thread_id, { summary });
      addItem(state, event.thread_id, 'summary', `summary.${record.seq}`);
    }
  },
  thread_rewound: (state, { thread_id, rewind_id, since, through }, { actor, at }) => {
    const thread = state.threads[thread_id];
    if (thread?.rewinds.every(each => each.rewind_id !== rewind_id)) {
      const rewinds = [...thread.rewinds, { rewind_id, since, through, by: actor, at }];
      const gone = takenBack({ ...thread, rewinds });
      const { summary } = thread;
      const isTold = summary === null || !gone.has(summary.through);
      updateThread(state, thread_id, { rewinds, summary: isTold ? summary : null });
    }
  },
  rewind_undone: (state, { thread_id, rewind_id }) => {
    const rewinds = state.threads[thread_id]?.rewinds ?? [];
    if (rewinds.some(each => each.rewind_id === rewind_id)) {
      updateThread(state, thread_id, { rewinds: rewinds.filter(e => e.rewind_id !== rewind_id) });
    }
  },
  thread_pruned: (state, event) => {
    const thread = state.threads[event.thread_id];
    if (thread !== undefined) {
      const dropped = prune(state, thread.items, thread.items.length - event.items);
      updateThread(state, event.thread_id, pruned(thread, thread.items, dropped));
    }
  }
} satisfies Partial<Folds>;

/** Replace some fields of a thread, if there is such a thread. */
export function updateThread(state: RoomState, threadId: ThreadId, fields: Partial<Thread>): void {
  const thread = state.threads[threadId];
  if (thread !== undefined) {
    state.threads[threadId] = { ...thread, ...fields };
  }
}

/** Append to a thread's timeline. */
export function addItem(state: RoomState, threadId: ThreadId, type: ItemType, id: string): void {
  const thread = state.threads[threadId];
  if (thread === undefined) {
    return;
  }
  const items = [...thread.items, { type, id }];
  const dropped = items.length > RETAINED_ITEMS ? prune(state, items, PRUNE_TO) : 0;
  updateThread(state, threadId, pruned(thread, items, dropped));
}

/** A thread's fields without its oldest items; what was taken back and is gone for good is forgotten with them. */
function pruned(thread: Thread, items: readonly Item[], dropped: number): Partial<Thread> {
  const kept = items.slice(dropped);
  const { rewinds } = thread;
  const isThere = ({ through }: { through: string }) => kept.some(item => item.id === through);
  return {
    items: kept,
    dropped: thread.dropped + dropped,
    rewinds: dropped > 0 && rewinds.length > 0 ? rewinds.filter(isThere) : rewinds
  };
}

/** Forget the oldest settled items until `keep` are left and say how many; stops at the first that is not settled. */
function prune(state: RoomState, items: readonly Item[], keep: number): number {
  let dropped = 0;
  for (const item of items.slice(0, Math.max(items.length - Math.max(keep, 0), 0))) {
    if (!settled(state, item)) {
      break;
    }
    forget(state, item);
    dropped += 1;
  }
  return dropped;
}

function settled(state: RoomState, item: Item): boolean {
  switch (item.type) {
    case 'message':
      return messageSettled(state, item.id);
    case 'call': {
      const call = state.calls[item.id];
      return call === undefined || (call.status === 'finished' && runIsOver(state, call.run_id));
    }
    case 'confirmation':
      return state.confirmations[item.id]?.status !== 'open';
    case 'run':
    case 'summary':
      return true;
  }
}

function messageSettled(state: RoomState, id: string): boolean {
  const message = state.messages[id];
  switch (message?.status) {
    case 'posted':
      return message.run_ids.every(runId => runIsOver(state, runId));
    case 'streaming':
      return false;
    case 'complete':
    case 'struck':
      return runIsOver(state, message.run_id);
    case undefined:
      return true;
  }
}

function runIsOver(state: RoomState, runId: RunId): boolean {
  const run = state.runs[runId];
  return run === undefined || run.status === 'finished';
}

function forget(state: RoomState, item: Item): void {
  switch (item.type) {
    case 'message': {
      const message = state.messages[item.id];
      delete state.messages[item.id];
      for (const runId of message?.status === 'posted' ? message.run_ids : []) {
        delete state.runs[runId];
      }
      return;
    }
    case 'call': {
      const confirmationId = state.calls[item.id]?.confirmation_id;
      delete state.calls[item.id];
      if (confirmationId) {
        delete state.confirmations[confirmationId];
      }
      return;
    }
    case 'confirmation':
      delete state.confirmations[item.id];
      return;
    case 'run':
    case 'summary':
      return;
  }
}
