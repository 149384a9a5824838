import type { IOutput } from '@jupyterlab/nbformat';
import { describe, expect, test } from 'vitest';

import { trimNotebook, trimOutputs } from '../../src/executor/trim-outputs';
import { contentOf } from '../fakes/notebook';

const printed = (text: string | string[]): IOutput => ({
  output_type: 'stream',
  name: 'stdout',
  text
});
const shown = (data: object): IOutput =>
  ({ output_type: 'display_data', data, metadata: {} }) as never;
const picture = (letter: string, size = 400_000) =>
  shown({ 'image/png': letter.repeat(size), 'text/plain': '<Figure>' });
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** A notebook whose only cell has these outputs. */
function notebook(...outputs: IOutput[]) {
  const content = contentOf('one');
  return { ...content, cells: [{ ...content.cells[0]!, outputs }] };
}

test('what is small stays as it is', () => {
  const outputs = [printed(['a\n', 'b']), picture('A', 10), shown({ 'text/html': '<b>x</b>' })];
  expect(trimOutputs(outputs)).toEqual([printed('a\nb'), ...outputs.slice(1)]);
  const small = notebook(printed('a'));
  expect(trimNotebook(small)).toEqual(small);
});

test.each([
  ['application/json', { a: [1, 2] }],
  ['application/json', [{ a: 1 }, { a: 2 }]],
  ['application/vnd.vega.v5+json', ['a', 'b']],
  ['application/x-table', [1, 2]]
])('small data stays as it is: %s %j', (mime, data) => {
  const outputs = [shown({ [mime]: data })];
  expect(trimOutputs(outputs)).toEqual(outputs);
});

test('an error keeps the beginning and the end of its words and of its traceback', () => {
  const long = `begin${'x'.repeat(900_000)}end`;
  const lines = Array.from({ length: 100_000 }, (_, n) => `line ${n}`);
  const error = { output_type: 'error', ename: 'E', evalue: long, traceback: lines } as IOutput;
  const [trimmed] = trimOutputs([error]);
  expect(trimmed!.evalue).toMatch(/^beginx+\n\[… 850008 characters …\]\nx+end$/);
  expect(bytesOf(trimmed!.traceback)).toBeLessThan(60_000);
  expect(String(trimmed!.traceback)).toMatch(/^line 0\n[^]*line 99999$/);
  const small = { ...error, evalue: 'No.', traceback: ['one\ntwo', 'three'] };
  expect(trimOutputs([small])).toEqual([small]);
});

test('long text keeps its beginning and its end, and says how much is missing', () => {
  const [trimmed] = trimOutputs([printed(`begin${'x'.repeat(3_000_000)}end`)]);
  const text = String(trimmed!.text);
  expect(text).toMatch(/^begin/);
  expect(text).toMatch(/end$/);
  expect(text).toContain('[… 2950008 characters …]');
});

test('of many pictures the latest are kept, and the others are said to be missing', () => {
  const trimmed = trimOutputs([picture('A'), picture('B'), picture('C')]);
  expect(trimmed.map(({ data }) => Object.keys(data as object))).toEqual([
    ['text/plain'],
    ['image/png', 'text/plain'],
    ['image/png', 'text/plain']
  ]);
  expect((trimmed[0]!.data as { [mime: string]: string })['text/plain']).toBe(
    '<Figure>\n[image/png: in the notebook, too large to be passed on]'
  );
});

test('one picture that is too large is said to be missing', () => {
  const data = trimOutputs([picture('A', 700_000)])[0]!.data as object;
  expect(Object.keys(data)).toEqual(['text/plain']);
});

test('what charts are made of is cut, and still named', () => {
  const mime = 'application/vnd.plotly.v1+json';
  const data = trimOutputs([shown({ [mime]: { data: Array(100_000).fill(1) } })])[0]!.data as {
    [mime: string]: unknown;
  };
  expect(String(data[mime]).length).toBeLessThan(51_000);
});

describe('a notebook', () => {
  test('goes without the states of its widgets and without attachments', () => {
    const content = notebook(printed('a'));
    const large = {
      ...content,
      metadata: { ...content.metadata, widgets: { state: 'x'.repeat(2_000_000) } },
      cells: [
        ...content.cells,
        {
          cell_type: 'markdown',
          source: '#',
          metadata: {},
          attachments: { a: 'x'.repeat(9_000_000) }
        }
      ]
    };
    const trimmed = trimNotebook(large as never);
    expect(bytesOf(trimmed)).toBeLessThan(1000);
    expect(trimmed.cells[1]).toMatchObject({ source: '#' });
  });

  test('keeps a little of each output where all together are too much', () => {
    const outputs = Array.from({ length: 100 }, (_, n) => printed(`${n}:${'é'.repeat(40_000)}`));
    const trimmed = trimNotebook(notebook(...outputs));
    expect(bytesOf(trimmed)).toBeLessThan(4_000_000);
    expect(trimmed.cells[0]!.outputs).toHaveLength(100);
  });

  test('keeps its sources, however large, and attachments as long as there is room', () => {
    const content = contentOf('x'.repeat(2_000_000));
    const cell = { ...content.cells[0]!, attachments: { 'p.png': { 'image/png': 'AAAA' } } };
    const large = { ...content, cells: [cell] };
    expect(trimNotebook(large as never)).toEqual(large);
  });

  test('is not changed by being read', () => {
    const content = notebook(picture('A'), picture('B'), picture('C'));
    const before = JSON.stringify(content);
    trimNotebook(content);
    expect(JSON.stringify(content)).toBe(before);
  });
});
