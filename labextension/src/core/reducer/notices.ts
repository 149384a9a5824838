/** Who was told of what, and who was named and has not seen it. */
import type { Delivery, LogRecord, MessagePosted, RoomState } from '../../protocol';
import type { Folds } from './folds';

const RETAINED_NOTICES = 200;
const RETAINED_MENTIONS = 200;

/** A message that names people waits for them to see it; nobody needs to be told of their own words. */
export function mention(state: RoomState, event: MessagePosted, record: LogRecord): void {
  const { actor: by, at } = record;
  const people = [...new Set(event.mentions)].filter(person => person !== by.id);
  if (people.length > 0) {
    const { message_id, thread_id } = event;
    state.mentions[message_id] = { message_id, thread_id, by, at, people };
    dropOldest(state.mentions, RETAINED_MENTIONS);
  }
}

/** Where the state keeps the delivery of a notice on a channel to these people. */
export function deliveryKey(noticeId: string, channel: string, to: readonly string[]): string {
  return [noticeId, channel, ...to].join('/');
}

function keep(state: RoomState, delivery: Delivery): void {
  const { notice_id, channel, to } = delivery;
  const key = deliveryKey(notice_id, channel, to);
  if (state.notices[key]?.told) {
    return; // what was told once is told, whatever follows
  }
  delete state.notices[key]; // so that it is the latest
  state.notices[key] = delivery;
  dropOldest(state.notices, RETAINED_NOTICES);
}

function dropOldest(entries: { [id: string]: { at: number } }, most: number): void {
  const all = Object.entries(entries);
  if (all.length <= most) {
    return;
  }
  const oldestFirst = all.sort(([, a], [, b]) => a.at - b.at);
  for (const [key] of oldestFirst.slice(0, all.length - most)) {
    delete entries[key];
  }
}

export const noticeFolds = {
  notice_delivered: (state, event, { at }) => {
    const { type: _, ...told } = event;
    keep(state, { ...told, at, told: true, reason: '', retry_at: null });
  },
  notice_failed: (state, event, { at }) => {
    const { type: _, attempt: attempts, ...failed } = event;
    keep(state, { ...failed, at, attempts, told: false });
  },
  mentions_seen: (state, { message_ids }, { actor }) => {
    for (const id of message_ids) {
      const found = state.mentions[id];
      if (!found?.people.includes(actor.id)) {
        continue;
      }
      const people = found.people.filter(person => person !== actor.id);
      if (people.length > 0) {
        state.mentions[id] = { ...found, people };
      } else {
        delete state.mentions[id];
      }
    }
  }
} satisfies Partial<Folds>;
