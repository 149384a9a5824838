import { expect, test } from 'vitest';

import { repliesOf } from '../../src/client/notebook-parts';
import { MAX_FRAME_BYTES } from '../../src/protocol';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test.each([
  ['text', 'x'.repeat(1_000_000)],
  ['quotes and line ends', '"\\\n'.repeat(200_000)],
  ['characters of two halves', '💛'.repeat(300_000)],
  ['another alphabet', 'ü漢'.repeat(300_000)]
])('a large notebook goes in parts that each fit: %s', (_, source) => {
  const notebook = { cells: [{ source }] };
  const parts = repliesOf({ revision: 'a.1', json: () => notebook }, null);
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) {
    expect(bytesOf(part)).toBeLessThan(MAX_FRAME_BYTES - 1000);
    expect(part.part).not.toMatch(/^[\udc00-\udfff]/);
  }
  expect(parts.map(part => part.more)).toEqual([...parts.slice(1).map(() => true), false]);
  expect(JSON.parse(parts.map(part => part.part).join(''))).toEqual(notebook);
});

test('a notebook that is known is not even made', () => {
  const json = () => {
    throw new Error('no');
  };
  expect(repliesOf({ revision: 'a.1', json }, 'a.1')).toEqual([{ revision: 'a.1' }]);
  expect(() => repliesOf({ revision: 'a.2', json }, 'a.1')).toThrow('no');
  expect(() => repliesOf({ revision: null, json }, null)).toThrow('no');
});
