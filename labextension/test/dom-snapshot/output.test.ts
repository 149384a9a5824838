import { afterEach, expect, test } from 'vitest';

import { backgroundOf } from '../../src/dom-snapshot/output';

afterEach(() => document.body.replaceChildren());

test.each([
  ['rgb(0, 0, 0)', 'rgb(0, 0, 0)'],
  ['rgb(255, 200, 0)', 'rgb(255, 200, 0)'],
  ['rgba(0, 0, 0, 0.5)', 'rgba(0, 0, 0, 0.5)'],
  ['rgba(0, 0, 0, 0)', 'rgb(1, 2, 3)'],
  ['transparent', 'rgb(1, 2, 3)']
])('an output whose own background is %s stands before %s', (own, expected) => {
  const page = document.body.appendChild(document.createElement('div'));
  page.style.backgroundColor = 'rgb(1, 2, 3)';
  const output = page.appendChild(document.createElement('div'));
  output.style.backgroundColor = own;
  expect(backgroundOf(output)).toBe(expected);
});
