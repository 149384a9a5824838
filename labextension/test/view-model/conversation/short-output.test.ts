import { describe, expect, test } from 'vitest';

import { lastLines, shortTraceback } from '../../../src/view-model/conversation/short-output';

const RED = '\u001b[0;31m';
const OFF = '\u001b[0m';
const KEY_ERROR = [
  `${RED}---------------------------------------------------------------------------${OFF}`,
  `${RED}KeyError${OFF}                                  Traceback (most recent call last)`,
  'File ~/lib/pandas/core/indexes/base.py:3805, in Index.get_loc(self, key)',
  '   3804 try:',
  '-> 3805     return self._engine.get_loc(casted_key)',
  '',
  'The above exception was the direct cause of the following exception:',
  '',
  `${RED}KeyError${OFF}                                  Traceback (most recent call last)`,
  `Cell ${RED}In[5], line 2${OFF}`,
  '      1 fig, ax = plt.subplots()',
  `${RED}----> 2${OFF} df["flipper_length"].hist()`,
  '',
  'File ~/lib/pandas/core/frame.py:4102, in DataFrame.__getitem__(self, key)',
  '-> 4102     indexer = self.columns.get_loc(key)',
  '',
  `${RED}KeyError${OFF}: 'flipper_length'`
].join('\n');

describe('a traceback in short', () => {
  test('is the line of the notebook at which it broke, and the error, in their colours', () => {
    expect(shortTraceback(KEY_ERROR).split('\n')).toEqual([
      `Cell ${RED}In[5], line 2${OFF}`,
      `${RED}----> 2${OFF} df["flipper_length"].hist()`,
      `${RED}KeyError${OFF}: 'flipper_length'`
    ]);
  });

  test('of a syntax error has the line, the place and the error', () => {
    const text = [
      '  Cell In[3], line 1',
      '    for in x',
      '        ^',
      'SyntaxError: invalid syntax'
    ];
    expect(shortTraceback(text.join('\n'))).toBe(text.join('\n'));
  });

  test.each(['', 'NameError: x', 'a\nb\nc\nd'])('is the same for what is short: %j', text => {
    expect(shortTraceback(text)).toBe(text);
  });

  test('of another language keeps its end', () => {
    const text = Array.from({ length: 9 }, (_, n) => `Stacktrace ${n}`).join('\n');
    expect(shortTraceback(text)).toBe('Stacktrace 8');
  });

  test('with an error of several lines is no longer than four lines', () => {
    const text = `${KEY_ERROR}\nMore\nand more\nand more`;
    expect(shortTraceback(text).split('\n')).toHaveLength(4);
  });
});

test('the end of an output has no colours and few lines', () => {
  const text = Array.from({ length: 900 }, (_, n) => `${RED}${n}${OFF}`).join('\n');
  expect(lastLines(text)).toBe('894\n895\n896\n897\n898\n899');
});
