import { expect, test } from 'vitest';

import { hunksOf, lineCounts, withoutHunk } from '../../../src/view-model/review/hunks';

const BEFORE = 'a\nb\nc\nd\ne';
const AFTER = 'a\nB\nc\ne\nf';

test('lines that differ are stretches between equal ones', () => {
  expect(hunksOf(BEFORE, AFTER)).toEqual([
    { before: [1, 2], after: [1, 2] },
    { before: [3, 4], after: [3, 3] },
    { before: [5, 5], after: [4, 5] }
  ]);
  expect(hunksOf(BEFORE, BEFORE)).toEqual([]);
});

test.each([
  [0, 'a\nb\nc\ne\nf'],
  [1, 'a\nB\nc\nd\ne\nf'],
  [2, 'a\nB\nc\ne']
])('without stretch %i the lines there are as before', (index, rest) => {
  expect(withoutHunk(BEFORE, AFTER, hunksOf(BEFORE, AFTER)[index]!)).toBe(rest);
});

test('without all of them the source is what it was, to the last character', () => {
  for (const [before, after] of [
    [BEFORE, AFTER],
    ['x', 'x\ny\n'],
    ['', 'new\n'],
    ['gone\n', '']
  ] as const) {
    let rest: string = after;
    for (let left = hunksOf(before, rest).length; left > 0; left -= 1) {
      rest = withoutHunk(before, rest, hunksOf(before, rest)[0]!);
    }
    expect(rest).toBe(before);
  }
});

test('lines are counted', () => {
  expect(lineCounts(BEFORE, AFTER)).toEqual({ added: 2, removed: 2 });
});
