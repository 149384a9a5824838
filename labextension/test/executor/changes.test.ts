import { createHash } from 'node:crypto';

import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, test } from 'vitest';

import { applyChanges } from '../../src/executor/changes';
import type { Change } from '../../src/executor/operation';
import { versionOf } from '../../src/executor/version';

function notebook(...sources: string[]): YNotebook {
  const nb = YNotebook.create() as YNotebook;
  sources.forEach((source, i) => {
    nb.insertCell(i, { id: `c${i + 1}`, cell_type: 'code', source, metadata: {} });
  });
  nb.clearUndoHistory();
  return nb;
}

const sources = (nb: YNotebook) => nb.cells.map(cell => [cell.getId(), cell.getSource()]);
const v = (source: string) => versionOf(source, 'code');

describe('a version', () => {
  test.each(['x = 1', '', 'é😀', 'y'.repeat(100_000)])(
    'is the one that the server gives (%#)',
    text => {
      const digest = createHash('sha256').update(`code\n${text}`).digest('hex');
      expect(versionOf(text, 'code')).toBe(digest.slice(0, 12));
    }
  );
});

describe('changes', () => {
  test('are all made, stamped, and undone together', () => {
    const nb = notebook('one', 'two', 'three');
    const changes: Change[] = [
      { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' },
      { type: 'insert_cell', cell_id: 'new', after: 'c1', cell_type: 'markdown', source: '# Hi' },
      { type: 'delete_cell', cell_id: 'c2', expected: v('two') },
      { type: 'move_cell', cell_id: 'c3', after: null }
    ];
    expect(applyChanges(nb, changes, 'e1')).toEqual({ status: 'ok' });
    expect(sources(nb)).toEqual([
      ['c3', 'three'],
      ['c1', 'ONE'],
      ['new', '# Hi']
    ]);
    expect(nb.cells.map(cell => cell.getMetadata('copilot'))).toEqual(
      Array(3).fill({ exec_id: 'e1' })
    );
    nb.undo();
    expect(sources(nb)).toEqual([
      ['c1', 'one'],
      ['c2', 'two'],
      ['c3', 'three']
    ]);
  });

  test('are none when a cell is not as the agent read it, and the report names what is there', () => {
    const nb = notebook('mine', 'two');
    const report = applyChanges(
      nb,
      [
        { type: 'delete_cell', cell_id: 'c2', expected: v('two') },
        { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' },
        { type: 'set_source', cell_id: 'gone', expected: v('x'), source: 'y' }
      ],
      'e1'
    );
    expect(report).toEqual({ status: 'stale', cells: { c1: v('mine'), gone: null } });
    expect(sources(nb)).toEqual([
      ['c1', 'mine'],
      ['c2', 'two']
    ]);
  });

  test('may name the version that an earlier change of the list made', () => {
    const nb = notebook('one');
    const changes: Change[] = [
      { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'two' },
      { type: 'set_source', cell_id: 'c1', expected: v('two'), source: 'three' }
    ];
    expect(applyChanges(nb, changes, 'e').status).toBe('ok');
    expect(sources(nb)).toEqual([['c1', 'three']]);
  });

  test('of type keep the id and the source', () => {
    const nb = notebook('# Title');
    applyChanges(
      nb,
      [{ type: 'set_type', cell_id: 'c1', expected: v('# Title'), cell_type: 'markdown' }],
      'e'
    );
    expect(nb.cells[0]!.toJSON()).toMatchObject({
      id: 'c1',
      cell_type: 'markdown',
      source: '# Title'
    });
  });

  test('that only delete leave their stamp on the notebook', () => {
    const nb = notebook('one', 'two');
    applyChanges(nb, [{ type: 'delete_cell', cell_id: 'c1', expected: v('one') }], 'e9');
    expect(nb.getMetadata('copilot')).toEqual({ exec_id: 'e9' });
  });

  test.each<[Change, string]>([
    [
      { type: 'insert_cell', cell_id: 'c1', after: null, cell_type: 'code', source: '' },
      'cell_exists'
    ],
    [
      { type: 'insert_cell', cell_id: 'n', after: 'gone', cell_type: 'code', source: '' },
      'cell_not_found'
    ],
    [{ type: 'move_cell', cell_id: 'gone', after: null }, 'cell_not_found']
  ])('that have no place are refused: %j', (change, code) => {
    const nb = notebook('one');
    expect(applyChanges(nb, [change], 'e')).toMatchObject({ status: 'error', code });
    expect(sources(nb)).toEqual([['c1', 'one']]);
  });

  test('leave the rest of a cell alone, so that cursors stay', () => {
    const nb = notebook('a = 1\nb = 2\nc = 3');
    const deltas: unknown[] = [];
    nb.cells[0]!.ysource.observe((event: { delta: unknown }) => deltas.push(event.delta));
    const change = {
      type: 'set_source',
      cell_id: 'c1',
      expected: v('a = 1\nb = 2\nc = 3'),
      source: 'a = 1\nb = 9\nc = 3'
    };
    applyChanges(nb, [change as Change], 'e');
    expect(deltas).toEqual([[{ retain: 10 }, { insert: '9' }, { delete: 1 }]]);
  });
});
