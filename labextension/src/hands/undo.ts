import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import type { Call, CellDiff } from '../client/protocol';
import { applyChanges } from './changes';
import type { Change, Report } from './operation';
import { versionOf } from './version';

/** The changes that take back what calls did to cells, the last first; none when they changed no cell. */
export function inverseOf(calls: readonly Call[]): Change[] {
  return diffsOf(calls).flatMap(inverse).reverse();
}

function diffsOf(calls: readonly Call[]): CellDiff[] {
  return calls.flatMap(call => call.preview.cells).filter(diff => diff.action !== 'run');
}

function inverse(diff: CellDiff): Change[] {
  const { action, cell_id, cell_type, before, after, above, type_before } = diff;
  const expected = versionOf(after ?? '', cell_type);
  switch (action) {
    case 'insert':
      return [{ type: 'delete_cell', cell_id, expected }];
    case 'edit':
      return before === null ? [] : [{ type: 'set_source', cell_id, expected, source: before }];
    case 'delete': {
      const source = before ?? '';
      return [{ type: 'insert_cell', cell_id, after: above, cell_type, source }];
    }
    case 'move':
      return [{ type: 'move_cell', cell_id, after: above }];
    case 'retype':
      return type_before === null
        ? []
        : [{ type: 'set_type', cell_id, expected, cell_type: type_before }];
    case 'run':
      return [];
  }
}

/** Whether these calls changed cells, and all of them are still as the last one left them. Looks only. */
export function canUndo(notebook: ISharedNotebook, calls: readonly Call[]): boolean {
  const diffs = diffsOf(calls);
  if (diffs.length === 0 || calls.some(call => call.status !== 'finished' || call.is_error)) {
    return false;
  }
  const { cells } = notebook;
  const places = new Map(cells.map((cell, index) => [cell.getId(), index]));
  const last = new Map(diffs.map(diff => [diff.cell_id, diff]));
  return [...last.values()].every(diff => {
    const place = places.get(diff.cell_id);
    return place === undefined
      ? diff.action === 'delete'
      : isAsLeft(diff, cells[place]!, cells[place - 1]?.getId() ?? null);
  });
}

function isAsLeft(diff: CellDiff, cell: ISharedCell, above: string | null): boolean {
  const isSame = cell.cell_type === diff.cell_type && cell.getSource() === diff.after;
  return isSame && (diff.action !== 'move' || above !== diff.above);
}

/**
 * Take back what calls did to cells, as a change of the person at this page and as one step of the notebook's own undo.
 *
 * All of it or nothing: nothing is changed when a cell is no longer as the calls left it. Outputs stay, and those of a
 * deleted cell do not come back.
 */
export function undoCalls(notebook: ISharedNotebook, calls: readonly Call[]): Report {
  return applyChanges(notebook, inverseOf(calls), null);
}
