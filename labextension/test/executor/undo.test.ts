import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, test } from 'vitest';

import { applyChanges } from '../../src/executor/changes';
import type { Change } from '../../src/protocol';
import { canUndo, undoCalls } from '../../src/executor/undo';
import { versionOf } from '../../src/executor/version';
import type { Call, CellDiff } from '../../src/protocol';
import { format, inEachFormat } from '../fakes/notebook';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';

/** A notebook with the undo that is JupyterLab's default. */
function notebook(...sources: string[]): YNotebook {
  const nb = YNotebook.create({ disableDocumentWideUndoRedo: true }) as YNotebook;
  sources.forEach((source, i) => {
    nb.insertCell(i, { id: `c${i + 1}`, cell_type: 'code', source, metadata: {} });
  });
  nb.nbformat_minor = format.minor;
  nb.clearUndoHistory();
  return nb;
}

const cellsOf = (nb: YNotebook) =>
  nb.cells.map(cell => `${cell.getId()} ${cell.cell_type} ${cell.getSource()}`);
const v = (source: string) => versionOf(source, 'code');

function diff(action: CellDiff['action'], cell_id: string, more: Partial<CellDiff> = {}): CellDiff {
  const nothing = {
    label: '',
    before: null,
    after: null,
    above: null,
    above_after: null,
    type_before: null
  };
  return { action, cell_id, cell_type: 'code', ...nothing, ...more };
}

function callOf(...cells: CellDiff[]): Call {
  const state = new Scene()
    .say(ALICE, NOW, 'x')
    .call('Change cells', NOW, { effect: 'edit', preview: { title: '', cells } as never })
    .state();
  return Object.values(state.calls)[0]!;
}

interface Case {
  changes: Change[];
  diffs: CellDiff[];
}

/** What the agent may do to three cells, with what its call says of it. */
const CASES: Record<string, Case> = {
  edit: {
    changes: [{ type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' }],
    diffs: [diff('edit', 'c1', { before: 'one', after: 'ONE' })]
  },
  insertion: {
    changes: [
      {
        type: 'insert_cell',
        cell_id: 'new',
        after: 'c1',
        cell_type: 'code',
        source: 'x',
        rest: null
      }
    ],
    diffs: [diff('insert', 'new', { after: 'x' })]
  },
  deletion: {
    changes: [{ type: 'delete_cell', cell_id: 'c2', expected: v('two') }],
    diffs: [diff('delete', 'c2', { before: 'two', above: 'c1' })]
  },
  'deletion of the first': {
    changes: [{ type: 'delete_cell', cell_id: 'c1', expected: v('one') }],
    diffs: [diff('delete', 'c1', { before: 'one' })]
  },
  move: {
    changes: [{ type: 'move_cell', cell_id: 'c3', after: null }],
    diffs: [diff('move', 'c3', { before: 'three', after: 'three', above: 'c2' })]
  },
  'change of type': {
    changes: [{ type: 'set_type', cell_id: 'c1', expected: v('one'), cell_type: 'markdown' }],
    diffs: [
      diff('retype', 'c1', {
        cell_type: 'markdown',
        before: 'one',
        after: 'one',
        type_before: 'code'
      })
    ]
  },
  'edit that was run': {
    changes: [{ type: 'set_source', cell_id: 'c1', expected: v('one'), source: 'ONE' }],
    diffs: [
      diff('edit', 'c1', { before: 'one', after: 'ONE' }),
      diff('run', 'c2', { before: 'two', after: 'two' })
    ]
  }
};
CASES['list of all these'] = {
  changes: [
    { type: 'delete_cell', cell_id: 'c1', expected: v('one') },
    { type: 'delete_cell', cell_id: 'c2', expected: v('two') },
    {
      type: 'insert_cell',
      cell_id: 'new',
      after: 'c3',
      cell_type: 'markdown',
      source: '# x',
      rest: null
    },
    { type: 'set_source', cell_id: 'c3', expected: v('three'), source: 'THREE' }
  ],
  diffs: [
    diff('delete', 'c1', { before: 'one' }),
    diff('delete', 'c2', { before: 'two' }),
    diff('insert', 'new', { cell_type: 'markdown', after: '# x' }),
    diff('edit', 'c3', { before: 'three', after: 'THREE' })
  ]
};
CASES['edit, change of type and move of a cell that is edited again'] = {
  changes: [
    { type: 'set_source', cell_id: 'c3', expected: v('three'), source: 'THREE' },
    { type: 'set_type', cell_id: 'c3', expected: v('THREE'), cell_type: 'markdown' },
    { type: 'move_cell', cell_id: 'c3', after: null },
    {
      type: 'set_source',
      cell_id: 'c3',
      expected: versionOf('THREE', 'markdown'),
      source: 'Three!'
    }
  ],
  diffs: [
    diff('retype', 'c3', {
      cell_type: 'markdown',
      before: 'THREE',
      after: 'THREE',
      type_before: 'code'
    }),
    diff('move', 'c3', { cell_type: 'markdown', before: 'THREE', after: 'THREE', above: 'c2' }),
    diff('edit', 'c3', { cell_type: 'markdown', before: 'three', after: 'Three!' })
  ]
};

inEachFormat(() => {
  describe.each(Object.entries(CASES))('an agent’s %s', (_, { changes, diffs }) => {
    test('is one step of the notebook’s own undo', () => {
      const nb = notebook('one', 'two', 'three');
      const before = cellsOf(nb);
      expect(applyChanges(nb, changes).status).toBe('ok');
      expect(cellsOf(nb)).not.toEqual(before);
      nb.undo();
      expect(cellsOf(nb)).toEqual(before);
      expect(nb.canUndo()).toBe(false);
    });

    test('is a step apart from what a person did a moment before and after', () => {
      const nb = notebook('one', 'two', 'three', 'four');
      nb.moveCell(3, 2);
      const before = cellsOf(nb);
      applyChanges(nb, changes);
      const after = cellsOf(nb);
      nb.insertCell(0, { id: 'mine', cell_type: 'code', source: '', metadata: {} });
      nb.undo();
      expect(cellsOf(nb)).toEqual(after);
      nb.undo();
      expect(cellsOf(nb)).toEqual(before);
    });

    test('can be taken back, and brought again by the notebook’s own undo', () => {
      const nb = notebook('one', 'two', 'three');
      const before = cellsOf(nb);
      const call = callOf(...diffs);
      expect(canUndo(nb, [call])).toBe(false);
      applyChanges(nb, changes);
      const after = cellsOf(nb);
      expect(canUndo(nb, [call])).toBe(true);
      nb.clearUndoHistory();
      expect(undoCalls(nb, [call])).toEqual({ status: 'ok' });
      expect(cellsOf(nb)).toEqual(before);
      expect(canUndo(nb, [call])).toBe(false);
      nb.undo();
      expect(cellsOf(nb)).toEqual(after);
    });
  });

  describe('what people did since is kept', () => {
    const { changes, diffs } = CASES['list of all these']!;

    test.each<[string, (nb: YNotebook) => void]>([
      ['edited a cell', nb => nb.cells.at(0)!.setSource('mine')],
      ['deleted a cell', nb => nb.deleteCell(0)],
      ['edited the new cell', nb => nb.cells.at(1)!.setSource('# mine')]
    ])('when they %s', (_, change) => {
      const nb = notebook('one', 'two', 'three');
      const call = callOf(...diffs);
      applyChanges(nb, changes);
      change(nb);
      const theirs = cellsOf(nb);
      expect(canUndo(nb, [call])).toBe(false);
      expect(undoCalls(nb, [call]).status).toBe('stale');
      expect(cellsOf(nb)).toEqual(theirs);
    });

    test('and what they did elsewhere stands in the way of nothing', () => {
      const nb = notebook('one', 'two');
      const call = callOf(diff('edit', 'c1', { before: 'one', after: 'ONE' }));
      applyChanges(nb, CASES['edit']!.changes);
      nb.cells.at(1)!.setSource('mine');
      undoCalls(nb, [call]);
      expect(cellsOf(nb)).toEqual(['c1 code one', 'c2 code mine']);
    });
  });

  describe('all that a run changed', () => {
    const calls = [
      callOf(diff('edit', 'c1', { before: 'one', after: 'ONE' })),
      callOf(diff('insert', 'new', { after: 'x' })),
      callOf(
        diff('edit', 'c1', { before: 'ONE', after: 'One!' }),
        diff('delete', 'new', { before: 'x', above: 'c1' }),
        diff('delete', 'c2', { before: 'two', above: 'c1' })
      )
    ];

    function changed(): YNotebook {
      const nb = notebook('one', 'two', 'three');
      applyChanges(nb, CASES['edit']!.changes);
      applyChanges(nb, CASES['insertion']!.changes);
      applyChanges(nb, [
        { type: 'set_source', cell_id: 'c1', expected: v('ONE'), source: 'One!' },
        { type: 'delete_cell', cell_id: 'new', expected: v('x') },
        { type: 'delete_cell', cell_id: 'c2', expected: v('two') }
      ]);
      return nb;
    }

    test('can be taken back in one, though the first call is no longer on top', () => {
      const nb = changed();
      expect(canUndo(nb, calls.slice(0, 1))).toBe(false);
      expect(canUndo(nb, calls)).toBe(true);
      undoCalls(nb, calls);
      expect(cellsOf(nb)).toEqual(['c1 code one', 'c2 code two', 'c3 code three']);
    });

    test('cannot once a person changed any of it', () => {
      const nb = changed();
      nb.cells[0]!.setSource('mine');
      expect(canUndo(nb, calls)).toBe(false);
      expect(undoCalls(nb, calls).status).toBe('stale');
    });
  });

  describe('a deleted cell below one that is gone, too', () => {
    const third = callOf(diff('delete', 'c3', { before: 'three', above: 'c2' }));
    const fourth = callOf(diff('delete', 'c4', { before: 'four', above: 'c3' }));

    /** A notebook in which two calls that were made for one reading deleted the cells c3 and c4. */
    function changed(): YNotebook {
      const nb = notebook('one', 'two', 'three', 'four', 'five');
      applyChanges(nb, [{ type: 'delete_cell', cell_id: 'c3', expected: v('three') }]);
      applyChanges(nb, [{ type: 'delete_cell', cell_id: 'c4', expected: v('four') }]);
      return nb;
    }

    test.each([[[third, fourth]], [[fourth, third]]])('comes back with it, in its place', calls => {
      const nb = changed();
      expect(canUndo(nb, calls)).toBe(true);
      expect(undoCalls(nb, calls)).toEqual({ status: 'ok' });
      expect(cellsOf(nb)).toEqual(cellsOf(notebook('one', 'two', 'three', 'four', 'five')));
    });

    test('comes back alone only once that one is back', () => {
      const nb = changed();
      const theirs = cellsOf(nb);
      expect(canUndo(nb, [fourth])).toBe(false);
      expect(undoCalls(nb, [fourth]).status).toBe('stale');
      expect(cellsOf(nb)).toEqual(theirs);
      undoCalls(nb, [third]);
      expect(canUndo(nb, [fourth])).toBe(true);
    });
  });

  describe('a cell that the agent moved behind the second', () => {
    const call = callOf(
      diff('move', 'c4', { before: 'four', after: 'four', above: 'c3', above_after: 'c2' })
    );

    function moved(): YNotebook {
      const nb = notebook('one', 'two', 'three', 'four');
      applyChanges(nb, [{ type: 'move_cell', cell_id: 'c4', after: 'c2' }]);
      return nb;
    }

    test('goes back with all that a person wrote meanwhile', () => {
      const nb = moved();
      nb.insertCell(0, { id: 'mine', cell_type: 'code', source: 'mine', metadata: {} });
      expect(undoCalls(nb, [call])).toEqual({ status: 'ok' });
      expect(cellsOf(nb).map(cell => cell.split(' ')[0])).toEqual(['mine', 'c1', 'c2', 'c3', 'c4']);
    });

    test.each<[string, (nb: YNotebook) => void]>([
      ['moved it elsewhere', nb => nb.moveCell(2, 0)],
      ['moved it back', nb => nb.moveCell(2, 3)],
      ['put a cell above it', nb => nb.insertCell(2, { cell_type: 'code', source: 'mine' })]
    ])('stays where it is once a person %s', (_, change) => {
      const nb = moved();
      change(nb);
      const theirs = cellsOf(nb);
      expect(canUndo(nb, [call])).toBe(false);
      expect(undoCalls(nb, [call]).status).toBe('stale');
      expect(cellsOf(nb)).toEqual(theirs);
    });
  });

  test('a moved cell whose place is not known any more stays where it is', () => {
    const nb = notebook('one', 'two', 'three');
    const call = callOf(...CASES['move']!.diffs);
    applyChanges(nb, CASES['move']!.changes);
    nb.deleteCell(2);
    expect(canUndo(nb, [call])).toBe(false);
    expect(undoCalls(nb, [call]).status).toBe('stale');
  });

  test('what a person wrote between two calls keeps both from being taken back together', () => {
    const nb = notebook('one');
    const first = callOf(...CASES['edit']!.diffs);
    const second = callOf(diff('edit', 'c1', { before: 'mine', after: 'two' }));
    applyChanges(nb, CASES['edit']!.changes);
    nb.cells[0]!.setSource('mine');
    applyChanges(nb, [{ type: 'set_source', cell_id: 'c1', expected: v('mine'), source: 'two' }]);
    expect(canUndo(nb, [first, second])).toBe(false);
    expect(canUndo(nb, [second])).toBe(true);
  });

  test.each<[string, Partial<Call>]>([
    ['failed', { is_error: true } as Partial<Call>],
    ['is not over', { status: 'started' }],
    ['changed no cell', { preview: { title: '', cells: [diff('run', 'c1')] } as never }]
  ])('a call that %s cannot be taken back', (_, more) => {
    const nb = notebook('one');
    applyChanges(nb, CASES['edit']!.changes);
    expect(canUndo(nb, [{ ...callOf(...CASES['edit']!.diffs), ...more } as Call])).toBe(false);
  });
});
