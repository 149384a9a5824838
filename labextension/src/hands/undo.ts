import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';

import type { Call, CellDiff } from '../protocol';
import { applyChanges } from './changes';
import type { Change, Report } from './operation';
import { versionOf } from './version';

/** The changes that take back what a call did to cells, the last first; none when it changed no cell. */
export function inverseOf(call: Call): Change[] {
  return call.preview.cells.flatMap(inverse).reverse();
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

/** Whether a call changed cells, and all of them are still as it left them. Looks only; cheap enough to ask often. */
export function canUndo(notebook: ISharedNotebook, call: Call): boolean {
  if (call.status !== 'finished' || call.is_error || inverseOf(call).length === 0) {
    return false;
  }
  const cells = new Map(notebook.cells.map((cell, index) => [cell.getId(), { cell, index }]));
  return call.preview.cells.every(diff => {
    const found = cells.get(diff.cell_id);
    const above = found && found.index > 0 ? notebook.cells[found.index - 1]?.getId() : null;
    return isAsLeft(diff, found?.cell, above ?? null);
  });
}

function isAsLeft(diff: CellDiff, cell: ISharedCell | undefined, above: string | null): boolean {
  if (diff.action === 'delete') {
    return cell === undefined;
  }
  if (cell === undefined) {
    return false;
  }
  const isSame = cell.cell_type === diff.cell_type && cell.getSource() === diff.after;
  return isSame && (diff.action !== 'move' || above !== diff.above);
}

/**
 * Take back what a call did to cells, as a change of the person at this page and as one step of the notebook's own undo.
 *
 * All of it or nothing: nothing is changed when a cell is no longer as the call left it. Outputs stay, and those of a
 * deleted cell do not come back.
 */
export function undoCall(notebook: ISharedNotebook, call: Call): Report {
  return applyChanges(notebook, inverseOf(call), null);
}
