import { createHash } from 'node:crypto';

import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, test, vi } from 'vitest';

import { applyChanges } from '../../src/executor/changes';
import type { Change } from '../../src/protocol';
import { versionOf } from '../../src/executor/version';
import { format, inEachFormat } from '../fakes/notebook';

function notebook(...sources: string[]): YNotebook {
  const nb = YNotebook.create() as YNotebook;
  sources.forEach((source, i) => {
    nb.insertCell(i, { id: `c${i + 1}`, cell_type: 'code', source, metadata: {} });
  });
  nb.nbformat_minor = format.minor;
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

inEachFormat(() => {
  describe('changes', () => {
    test('are all made, stamped, and undone together', () => {
      const nb = notebook('one', 'two', 'three');
      const changes: Change[] = [
        { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' },
        {
          type: 'insert_cell',
          cell_id: 'new',
          after: 'c1',
          cell_type: 'markdown',
          source: '# Hi',
          rest: null
        },
        { type: 'delete_cell', cell_id: 'c2', expected: v('two') },
        { type: 'move_cell', cell_id: 'c3', after: null }
      ];
      const stamped: (string | null)[] = [];
      expect(applyChanges(nb, changes, id => stamped.push(id))).toEqual({ status: 'ok' });
      expect(sources(nb)).toEqual([
        ['c3', 'three'],
        ['c1', 'ONE'],
        ['new', '# Hi']
      ]);
      expect(stamped).toEqual(['c1', 'new', 'c3']);
      nb.undo();
      expect(sources(nb)).toEqual([
        ['c1', 'one'],
        ['c2', 'two'],
        ['c3', 'three']
      ]);
    });

    test('are none when a cell is not as the agent read it, and the report names what is there', () => {
      const nb = notebook('mine', 'two');
      const report = applyChanges(nb, [
        { type: 'delete_cell', cell_id: 'c2', expected: v('two') },
        { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' },
        { type: 'set_source', cell_id: 'gone', expected: v('x'), source: 'y' }
      ]);
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
      expect(applyChanges(nb, changes).status).toBe('ok');
      expect(sources(nb)).toEqual([['c1', 'three']]);
    });

    test('of type keep the id and the source', () => {
      const nb = notebook('# Title');
      applyChanges(nb, [
        { type: 'set_type', cell_id: 'c1', expected: v('# Title'), cell_type: 'markdown' }
      ]);
      expect(nb.cells[0]!.toJSON()).toMatchObject({
        id: 'c1',
        cell_type: 'markdown',
        source: '# Title'
      });
    });

    test('that only delete leave their stamp on the notebook', () => {
      const nb = notebook('one', 'two');
      const change: Change = { type: 'delete_cell', cell_id: 'c1', expected: v('one') };
      const stamp = vi.fn();
      applyChanges(nb, [change], stamp);
      expect(stamp.mock.calls).toEqual([[null]]);
    });

    test.each<[Change, string]>([
      [
        {
          type: 'insert_cell',
          cell_id: 'c1',
          after: null,
          cell_type: 'code',
          source: '',
          rest: null
        },
        'cell_exists'
      ],
      [
        {
          type: 'insert_cell',
          cell_id: 'n',
          after: 'gone',
          cell_type: 'code',
          source: '',
          rest: null
        },
        'cell_not_found'
      ],
      [{ type: 'move_cell', cell_id: 'gone', after: null }, 'cell_not_found']
    ])('that have no place are refused: %j', (change, code) => {
      const nb = notebook('one');
      expect(applyChanges(nb, [change])).toMatchObject({ status: 'error', code });
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
      applyChanges(nb, [change as Change]);
      expect(deltas).toEqual([[{ retain: 10 }, { insert: '9' }, { delete: 1 }]]);
    });
  });

  test('of a source with line ends of two characters are made, and keep the rest of the cell', () => {
    const nb = notebook('a = 1\r\nb = 2', 'two');
    nb.cells[0]!.setMetadata('mine', 1);
    const [expected, source] = [v('a = 1\r\nb = 2'), 'a = 10\r\nb = 20'];
    const change: Change = { type: 'set_source', cell_id: 'c1', expected, source };
    expect(applyChanges(nb, [change])).toEqual({ status: 'ok' });
    expect(sources(nb)).toEqual([
      ['c1', source],
      ['c2', 'two']
    ]);
    expect(nb.cells[0]!.getMetadata('mine')).toBe(1);
  });

  test('that were made are not reported as failed because of what follows the notebook', () => {
    const nb = notebook('one');
    nb.changed.connect(() => undefined);
    nb.cells[0]!.ysource.observe(() => {
      throw new Error('The editor has no such place.');
    });
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    const change: Change = { type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'x' };
    expect(applyChanges(nb, [change])).toEqual({ status: 'ok' });
    expect(sources(nb)).toEqual([['c1', 'x']]);
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });

  test('of type keep the attachments where the new type can have them', () => {
    const nb = notebook();
    const attachments = { 'p.png': { 'image/png': 'iVBO' } };
    nb.insertCell(0, { id: 'm', cell_type: 'markdown', source: 't', metadata: {}, attachments });
    const retype = (from: string, cell_type: 'raw' | 'code'): Change[] => [
      { type: 'set_type', cell_id: 'm', expected: versionOf('t', from), cell_type }
    ];
    applyChanges(nb, retype('markdown', 'raw'));
    expect(nb.cells[0]!.toJSON()).toMatchObject({ cell_type: 'raw', attachments });
    applyChanges(nb, retype('raw', 'code'));
    expect(nb.cells[0]!.toJSON()).not.toHaveProperty('attachments');
  });
});
