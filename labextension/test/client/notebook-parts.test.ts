import { expect, test } from 'vitest';

import { NotebookReplies } from '../../src/client/notebook-parts';
import { MAX_FRAME_BYTES } from '../../src/protocol';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test.each([
  ['text', 'x'.repeat(1_000_000)],
  ['quotes and line ends', '"\\\n'.repeat(200_000)],
  ['characters of two halves', '💛'.repeat(300_000)],
  ['another alphabet', 'ü漢'.repeat(300_000)]
])('a large notebook goes in parts that each fit: %s', (_, source) => {
  const notebook = { cells: [{ source }] };
  const parts = new NotebookReplies().of({ revision: 'a.1', json: () => notebook }, null);
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
  const replies = new NotebookReplies();
  expect(replies.of({ revision: 'a.1', json }, 'a.1')).toEqual([{ revision: 'a.1' }]);
  expect(() => replies.of({ revision: 'a.2', json }, 'a.1')).toThrow('no');
  expect(() => replies.of({ revision: null, json }, null)).toThrow('no');
});

const notebookOf = (...sources: string[]) => ({
  nbformat: 4,
  cells: sources.map(source => ({ source }))
});

test('cells that are as they were are told as their places in the notebook that was sent last', () => {
  const replies = new NotebookReplies();
  replies.of({ revision: 'a.1', json: () => notebookOf('a', 'b', 'c') }, null);
  const told = replies.of({ revision: 'a.2', json: () => notebookOf('c', 'new', 'a') }, 'a.1');
  expect(told).toEqual([
    {
      part: '{"nbformat":4,"cells":[2,{"source":"new"},0]}',
      more: false,
      revision: 'a.2',
      base: 'a.1'
    }
  ]);
  const again = replies.of({ revision: 'a.3', json: () => notebookOf('c', 'new') }, 'a.2');
  expect(again[0]).toMatchObject({ part: '{"nbformat":4,"cells":[0,1]}', base: 'a.2' });
});

test('cells are told in full to who knows another notebook than the one that was sent last', () => {
  const replies = new NotebookReplies();
  replies.of({ revision: 'a.1', json: () => notebookOf('a') }, null);
  for (const [revision, known] of [
    ['a.2', null],
    ['a.3', 'a.1'],
    ['a.4', 'b.1'],
    [null, 'a.3']
  ]) {
    const told = replies.of({ revision: revision!, json: () => notebookOf('a') }, known!);
    expect(told).toEqual([
      { part: '{"nbformat":4,"cells":[{"source":"a"}]}', more: false, revision }
    ]);
  }
});
