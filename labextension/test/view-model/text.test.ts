import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, test } from 'vitest';

import { cellReferences } from '../../src/view-model/cell-references';
import { lineDiff } from '../../src/view-model/diff-lines';
import { colorsOf, initialsOf } from '../../src/view-model/identity';
import { linkCells } from '../../src/ui/shared/linked-text';
import { markdownBlocks } from '../../src/view-model/markdown-blocks';
import { insertSuggestion, matching, triggerAt } from '../../src/view-model/mentions';
import { joinOutputs } from '../../src/ui/calls/outputs';
import { duration, listNames, pastTense, timeLeft, tokens } from '../../src/view-model/wording';

const trans = nullTranslator.load('jupyterlab');

describe('markdown in blocks', () => {
  const TEXT = [
    '# Title',
    'A paragraph\nof two lines.',
    '1. one\n\n2. two\n\n   still two',
    '```python\na = 1\n\n\nb = 2\n```',
    '$$\nx = 1\n\ny = 2\n$$',
    '> quoted\n\n> more',
    'The end.'
  ];

  test('keeps lists, quotes, code and formulas whole', () => {
    expect(markdownBlocks(TEXT.join('\n\n'))).toEqual(TEXT);
  });

  test('growing text changes only the last block, and the one before it when a list goes on', () => {
    const text = TEXT.join('\n\n');
    for (let end = 1; end < text.length; end++) {
      const before = markdownBlocks(text.slice(0, end));
      const after = markdownBlocks(text.slice(0, end + 1));
      const joined = after.length < before.length ? 2 : 1;
      expect(after.slice(0, before.length - joined)).toEqual(before.slice(0, -joined));
    }
  });
});

describe('a diff', () => {
  const text = (lines: ReturnType<typeof lineDiff>, without: string) =>
    lines
      .filter(line => line.type !== without)
      .flatMap(line =>
        line.type === 'skipped' ? line.lines : [line.pieces.map(p => p.text).join('')]
      )
      .join('\n');

  test.each([
    ['a\nb\nc', 'a\nx\nc'],
    ['', 'new\nlines'],
    ['gone', ''],
    ['a\n\nb\n', 'a\nb\n\n'],
    [Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n'), 'line 0\nline 39'],
    ['same', 'same']
  ])('of %j and %j holds both of them', (before, after) => {
    const lines = lineDiff(before, after);
    const ended = (value: string) => value.replace(/\n$/, '');
    expect(text(lines, 'added')).toBe(ended(before));
    expect(text(lines, 'removed')).toBe(ended(after));
  });

  test('marks the words that differ within a line', () => {
    const [removed, added] = lineDiff('mean(rows)', 'mean(cols)');
    expect(removed).toMatchObject({
      type: 'removed',
      pieces: [{ changed: false }, { text: 'rows', changed: true }, {}]
    });
    expect(added).toMatchObject({
      type: 'added',
      pieces: [{}, { text: 'cols', changed: true }, {}]
    });
  });

  test('skips long stretches that stay the same, and keeps them at hand', () => {
    const same = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    const lines = lineDiff([...same, 'old'].join('\n'), [...same, 'new'].join('\n'));
    expect(lines[0]).toMatchObject({ type: 'skipped', count: 18 });
  });
});

describe('words', () => {
  test.each([
    ['Edit and run cell 4', 'Edited and ran cell 4'],
    ['Run cell 4', 'Ran cell 4'],
    ['Read cell 4 and its error', 'Read cell 4 and its error'],
    ['Inspect `df`', 'Inspected `df`'],
    [
      'Edit cell 1, delete cell 2 and insert a cell',
      'Edited cell 1, deleted cell 2 and inserted a cell'
    ],
    ['Insert 2 cells and move cells 7 and 9', 'Inserted 2 cells and moved cells 7 and 9'],
    ['Show “Fix it and run cell 3”', 'Showed “Fix it and run cell 3”'],
    ['Inspect `x and run cell 3`', 'Inspected `x and run cell 3`'],
    ['Frobnicate and run it', 'Frobnicate and run it'],
    ['', '']
  ])('%j once done is %j', (title, past) => expect(pastTense(title)).toBe(past));

  test.each([
    [812, '812'],
    [12_400, '12.4k'],
    [150_000, '150k'],
    [999_949, '1000k'],
    [3_100_000, '3.1M']
  ])('%d tokens are %s', (count, words) => expect(tokens(count)).toBe(words));

  test.each([
    [300, '0.3 s'],
    [2000, '2 s'],
    [61_000, '1 min 1 s'],
    [3_720_000, '1 h 2 min']
  ])('%d ms are %s', (ms, words) => expect(duration(ms, trans)).toBe(words));

  test.each([
    [-1, 'time is up'],
    [30_000, '30 s left'],
    [540_000, '9 min left'],
    [7_200_000, '2 h left']
  ])('%d ms before the end: %s', (ms, words) => expect(timeLeft(ms, trans)).toBe(words));

  test('names are listed as people list them', () => {
    expect(listNames(['A'], trans)).toBe('A');
    expect(listNames(['A', 'B', 'C'], trans)).toBe('A, B and C');
    expect(listNames(['A', 'B', 'C', 'D'], trans)).toBe('A, B and 2 others');
  });

  test.each([
    ['Ada Lovelace', 'AL'],
    ['bob', 'BO'],
    ['', '?'],
    ['李 小龙', '李小']
  ])('the initials of %j are %j', (name, initials) => expect(initialsOf(name)).toBe(initials));

  test('somebody always has the same colour, and a colour of the server counts only when it is one', () => {
    expect(colorsOf('alice')).toEqual(colorsOf('alice'));
    expect(colorsOf('x', '#ffffff').foreground).toBe('#111');
    expect(colorsOf('x', 'url(https://evil)')).toEqual(colorsOf('x'));
  });
});

describe('mentions', () => {
  test.each([
    ['@ce', 3, { mark: '@', query: 'ce', from: 0 }],
    ['see @df now', 7, { mark: '@', query: 'df', from: 4 }],
    ['/fi', 3, { mark: '/', query: 'fi', from: 0 }],
    ['a /fi', 5, null],
    ['me@home', 7, null],
    ['@df ', 4, null]
  ])('%j at %d', (text, caret, trigger) => expect(triggerAt(text, caret)).toEqual(trigger));

  test('those that begin with what was typed come first', () => {
    const of = (label: string) => ({ label, detail: '', kind: 'variable' as const });
    const found = matching([of('old_df'), of('df'), of('x')], 'df', 5);
    expect(found.map(s => s.label)).toEqual(['df', 'old_df']);
  });

  test('take the place of what was typed', () => {
    const trigger = triggerAt('see @d please', 6)!;
    const chosen = { label: 'df', detail: '', kind: 'variable' as const };
    expect(insertSuggestion('see @d please', 6, trigger, chosen)).toEqual({
      text: 'see df please',
      caret: 7
    });
  });
});

test('references to cells become buttons, but not within code and links', () => {
  const host = document.createElement('div');
  host.innerHTML = '<p>See cell 4, <code>cell 5</code> and <a href="#">cell 6</a>.</p>';
  const visited: number[] = [];
  linkCells(host, number => visited.push(number), 'Go');
  host.querySelectorAll('button').forEach(button => button.click());
  expect(visited).toEqual([4]);
  expect(host.textContent).toBe('See cell 4, cell 5 and cell 6.');
});

test.each([
  ['cell 4 and 5 apples', ['cell 4', 4]],
  ['Run cells 2 and 3', ['2', 2, '3', 3]],
  ['cells 2, 3, and 10', ['2', 2, '3', 3, '10', 10]],
  ['a cell, a cellar 4', []]
])('%j speaks of cells %j', (text, cells) => {
  const parts = cellReferences(text);
  expect(
    parts.flatMap(part => (typeof part === 'string' ? [] : [part.label, part.number]))
  ).toEqual(cells);
  expect(parts.map(part => (typeof part === 'string' ? part : part.label)).join('')).toBe(text);
});

test('outputs of one kind are joined, and cleared where the cell cleared them', () => {
  const out = (kind: 'stdout' | 'clear' | 'result', text = '') => ({
    kind,
    text,
    image: null,
    cell_id: null
  });
  expect(joinOutputs([out('stdout', 'a'), out('stdout', 'b')])).toEqual([out('stdout', 'ab')]);
  expect(joinOutputs([out('stdout', 'a'), out('clear'), out('result', 'c')])).toEqual([
    out('result', 'c')
  ]);
});
