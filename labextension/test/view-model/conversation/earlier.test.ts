import { expect, test } from 'vitest';

import { initial } from '../../../src/core/state';
import { RETAINED_ITEMS, type LogRecord } from '../../../src/protocol';
import { apply } from '../../../src/core/reducer';
import { before, wholeHistory } from '../../../src/view-model/conversation/earlier';
import { timeline } from '../../../src/view-model/conversation/timeline';
import { ALICE } from '../../../gallery/fixtures';

const PAGE = 150;

/** A record of so many messages that nobody answers. */
function record(count: number): LogRecord[] {
  const said = Array.from({ length: count }, (_, n) => ({
    seq: n + 2,
    at: n,
    actor: ALICE,
    command_id: null,
    event: {
      type: 'message_posted',
      message_id: `m${n}`,
      thread_id: 'main',
      text: `Message ${n}`,
      context: { cells: [], files: [], variables: [], images: [] }
    }
  }));
  const created = { type: 'thread_created', thread_id: 'main', title: 'Main' };
  const first = { seq: 1, at: 0, actor: ALICE, command_id: null, event: created };
  return [first, ...said] as unknown as LogRecord[];
}

test('what left the state comes back from the record, from the beginning and in order', async () => {
  const count = RETAINED_ITEMS * 3 + 7;
  const records = record(count);
  const state = initial('log');
  records.forEach(each => apply(state, each));
  const shown = timeline(state, 'main').rows;
  expect(shown[0]).toMatchObject({ type: 'earlier' });
  const asked: number[] = [];
  const history = await wholeHistory(async after => {
    asked.push(after);
    return {
      log: 'log',
      head: records.length,
      floor: 0,
      records: records.slice(after, after + PAGE)
    };
  }, 'main');
  expect(asked.length).toBe(Math.ceil(records.length / PAGE));
  const all = [...before(history, shown), ...shown.slice(1)];
  expect(all.map(row => row.key)).toEqual(Array.from({ length: count }, (_, n) => `m${n}`));
});
