import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, test } from 'vitest';

import { answerWords } from '../../../src/ui/form/answer-words';

const trans = nullTranslator.load('');
const PLOT = {
  type: 'object',
  properties: {
    variable: { oneOf: [{ const: 'mass', title: 'Body mass' }, { const: 'len' }] },
    bins: { type: 'integer', title: 'Number of bins' },
    log_scale: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } }
  }
};

describe('a filled form in words', () => {
  test('names its fields, in the order of the form, and calls choices as the form does', () => {
    const value = { bins: 10, log_scale: false, tags: ['a', 'b'], variable: 'mass' };
    expect(answerWords(PLOT, value, trans)).toBe(
      'Variable: Body mass · Number of bins: 10 · Log scale: no · Tags: a, b'
    );
  });

  test('leaves out what was left empty, and keeps what is not in the form', () => {
    const value = { constructor: 'x', tags: [], bins: 0, variable: '' };
    expect(answerWords(PLOT, value, trans)).toBe('Number of bins: 0 · Constructor: x');
  });

  test('is what stands in its only field', () => {
    expect(answerWords({ properties: { how: { type: 'string' } } }, { how: 'Median' }, trans)).toBe(
      'Median'
    );
  });

  test('of no form is the value', () => {
    expect(answerWords({}, 'Yes', trans)).toBe('Yes');
    expect(answerWords({}, null, trans)).toBe('');
    expect(answerWords({}, [1, true], trans)).toBe('1, yes');
  });

  test('within a form is in brackets where it has several fields', () => {
    const schema = { properties: { first: PLOT, last: { type: 'string' } } };
    expect(answerWords(schema, { first: { bins: 3, log_scale: true }, last: 'z' }, trans)).toBe(
      'First: (Number of bins: 3 · Log scale: yes) · Last: z'
    );
  });
});
