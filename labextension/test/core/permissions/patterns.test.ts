import { expect, test } from 'vitest';

import { fitsCommand, fitsName, isCommand } from '../../../src/core/permissions/patterns';

test.each([
  ['pip install *', 'pip install polars', true],
  ['pip install *', ' pip install polars@1.0\n', true],
  ['pip install *', 'pip install a b', false],
  ['rm *.csv', 'rm out/a.csv', false], // a slash separates
  ['a*b*c', 'aXbYbZc', true],
  ['a* b*', 'a1 b2', true],
  ['a*', 'a', true],
  ['a*a', 'a', false],
  ['**', '', true],
  ['', '', true]
])('the command %j fits %j: %j', (pattern, code, fits) => {
  expect(fitsCommand(pattern, code)).toBe(fits);
});

test('in a name a star stands for any text', () => {
  expect(fitsName('exam/*', 'exam/a b/c')).toBe(true);
  expect(fitsName('*/exam', 'exam')).toBe(false);
});

test('many stars and many blanks keep nobody waiting', () => {
  expect(fitsCommand('a*'.repeat(60) + 'b', 'a'.repeat(100_000))).toBe(false);
  expect(fitsName('a*'.repeat(60) + 'b', 'a'.repeat(100_000))).toBe(false);
  expect(isCommand('x', `x${'\n'.repeat(400_000)}x`)).toBe(false);
});
