import { expect, test } from 'vitest';

import { peopleIn } from '../../src/view-model/mentions';

test.each([
  ['@Anna look', ['anna']],
  ['Look, @anna!', ['anna']],
  ['(@Anna Lee) and @Bert', ['anna-lee', 'bert']],
  ['@Annabel', []],
  ['mail anna@Bert.org', []],
  ['@Bert @bert', ['bert']],
  ['nobody', []]
])('the people named in “%s” are found', (text, expected) => {
  const people = [
    { id: 'anna', name: 'Anna' },
    { id: 'anna-lee', name: 'Anna Lee' },
    { id: 'bert', name: 'Bert' }
  ];
  expect(peopleIn(text, people)).toEqual(expected);
});
