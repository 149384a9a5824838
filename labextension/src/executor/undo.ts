import type { ISharedNotebook } from '@jupyter/ydoc';

import type { Call, CellDiff, CellType, Change, OperationReport } from '../protocol';
import { idOf } from './cell-ids';
import { applyChanges } from './changes';
import { versionOf } from './version';

/** Whether these calls changed cells, and all of that can be taken back. Looks only. */
export function canUndo(notebook: ISharedNotebook, calls: readonly Call[]): boolean {
  return inverseOf(notebook, calls) !== null;
}

/**
 * Take back what calls did to cells, as a change of the person at this page and as one step of the notebook's own undo.
 *
 * All of it or nothing: nothing is changed when a cell is no longer as the calls left it. Outputs stay. Of a deleted
 * cell come back its id, type, source and place, for no more of it is known.
 */
export function undoCalls(notebook: ISharedNotebook, calls: readonly Call[]): OperationReport {
  const changes = inverseOf(notebook, calls);
  return changes === null ? { status: 'stale', cells: {} } : applyChanges(notebook, changes);
}

/** A cell while diffs are taken back, beside the notebook, which stays as it is. */
interface PlannedCell {
  readonly id: string;
  type: CellType;
  source(): string;
}

/** The changes that take the calls back, the last first; null when they are not all done, or a cell is not as left. */
function inverseOf(notebook: ISharedNotebook, calls: readonly Call[]): Change[] | null {
  const diffs = calls.flatMap(diffsOf);
  if (diffs.length === 0 || calls.some(call => call.status !== 'finished' || call.is_error)) {
    return null;
  }
  const plan: PlannedCell[] = notebook.cells.map(cell => ({
    id: idOf(cell),
    type: cell.cell_type as CellType,
    source: () => cell.getSource()
  }));
  const changes: Change[] = [];
  for (const [index, diff] of [...diffs.entries()].reverse()) {
    const change =
      diff.action === 'delete'
        ? bringBack(plan, diff, diffs.slice(0, index))
        : takeBack(plan, diff, diffs.slice(0, index));
    if (change === null) {
      return null;
    }
    changes.push(change);
  }
  return changes;
}

/**
 * What a call did to cells, step by step.
 *
 * It shows several edits of a cell as one, in the place of the last: in the steps before that, nothing is edited yet.
 */
function diffsOf(call: Call): CellDiff[] {
  const diffs = call.preview.cells.filter(diff => diff.action !== 'run');
  return diffs.map((diff, index) => {
    const edit = diffs
      .slice(index + 1)
      .find(later => later.action === 'edit' && later.cell_id === diff.cell_id);
    return edit === undefined ? diff : { ...diff, after: edit.before };
  });
}

/** Put a deleted cell back into the plan. */
function bringBack(plan: PlannedCell[], diff: CellDiff, earlier: CellDiff[]): Change | null {
  const { cell_id, cell_type } = diff;
  const after = anchor(plan, diff.above, earlier);
  if (after === undefined || plan.some(cell => cell.id === cell_id)) {
    return null;
  }
  const source = diff.before ?? '';
  insert(plan, after, { id: cell_id, type: cell_type, source: () => source });
  return { type: 'insert_cell', cell_id, after, cell_type, source, rest: null };
}

/** Make a cell of the plan what it was, if it is as the diff left it. */
function takeBack(plan: PlannedCell[], diff: CellDiff, earlier: CellDiff[]): Change | null {
  const { action, cell_id, before, type_before } = diff;
  const index = plan.findIndex(cell => cell.id === cell_id);
  const cell = plan[index];
  if (cell?.type !== diff.cell_type || cell.source() !== diff.after) {
    return null;
  }
  const expected = versionOf(diff.after, diff.cell_type);
  switch (action) {
    case 'insert':
      plan.splice(index, 1);
      return { type: 'delete_cell', cell_id, expected };
    case 'edit':
      if (before === null) {
        return null;
      }
      cell.source = () => before;
      return { type: 'set_source', cell_id, expected, source: before };
    case 'retype':
      if (type_before === null) {
        return null;
      }
      cell.type = type_before;
      return { type: 'set_type', cell_id, expected, cell_type: type_before };
    case 'move': {
      const after = anchor(plan, diff.above, earlier);
      if (after === undefined || (plan[index - 1]?.id ?? null) !== diff.above_after) {
        return null;
      }
      plan.splice(index, 1);
      insert(plan, after, cell);
      return { type: 'move_cell', cell_id, after };
    }
    case 'delete':
    case 'run':
      return null;
  }
}

function insert(plan: PlannedCell[], after: string | null, cell: PlannedCell): void {
  plan.splice(plan.findIndex(each => each.id === after) + 1, 0, cell);
}

/**
 * The cell behind which one goes that stood below `above`; undefined when that is not known.
 *
 * While `above` is itself still to come back, by a diff that is taken back later, the one above it stands for it.
 */
function anchor(
  plan: readonly PlannedCell[],
  above: string | null,
  earlier: readonly CellDiff[]
): string | null | undefined {
  if (above === null || plan.some(cell => cell.id === above)) {
    return above;
  }
  const gone = earlier.findLast(diff => diff.action === 'delete' && diff.cell_id === above);
  const others = earlier.filter(diff => diff !== gone);
  return gone && anchor(plan, gone.above, others);
}
