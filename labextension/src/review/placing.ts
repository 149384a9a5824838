import type { Cell } from '@jupyterlab/cells';
import { PanelLayout, type Widget } from '@lumino/widgets';

import type { Change } from '../view-model/review/changes';

const INPUT = 'jp-Cell-inputWrapper';

/** Where in a cell something of ours stands: before all, below its input, or after all. */
export type Spot = 'start' | 'input' | 'end';

export interface Place {
  cell: Cell;
  spot: Spot;
}

/**
 * Where a change is drawn: an insert at the end of the cell that it would follow, or above the first one; everything else
 * in its cell. Null where that cell is not there.
 */
export function placeOf(
  change: Change,
  changes: readonly Change[],
  cells: readonly Cell[]
): Place | null {
  const { action, cell_id, above_after } = change.diff;
  if (action !== 'insert') {
    const cell = cellOf(cells, cell_id);
    return cell === undefined ? null : { cell, spot: 'input' };
  }
  return below(above_after, changes, cells);
}

/** The place below a cell, which may be one that is not there yet; above the first one for null. */
export function below(
  id: string | null,
  changes: readonly Change[],
  cells: readonly Cell[]
): Place | null {
  let above = id;
  for (let steps = 0; above !== null && steps <= changes.length; steps += 1) {
    const cell = cellOf(cells, above);
    if (cell !== undefined) {
      return { cell, spot: 'end' };
    }
    const ghost = changes.find(
      each => each.diff.action === 'insert' && each.diff.cell_id === above
    );
    if (ghost === undefined) {
      return null;
    }
    above = ghost.diff.above_after;
  }
  const first = cells[0];
  return first === undefined ? null : { cell: first, spot: 'start' };
}

function cellOf(cells: readonly Cell[], id: string): Cell | undefined {
  return cells.find(cell => String(cell.model.id) === id);
}

/** Puts widgets into a cell's layout, in this order; those that stand right stay. False while the cell has no layout yet. */
export function place(cell: Cell, spot: Spot, widgets: readonly Widget[]): boolean {
  const { layout } = cell;
  if (!(layout instanceof PanelLayout) || cell.isPlaceholder()) {
    return false;
  }
  const first = () => {
    switch (spot) {
      case 'start':
        return 0;
      case 'input':
        return layout.widgets.findIndex(widget => widget.hasClass(INPUT)) + 1;
      case 'end':
        return layout.widgets.filter(widget => !widgets.includes(widget)).length;
    }
  };
  widgets.forEach((widget, index) => {
    if (layout.widgets[first() + index] !== widget) {
      const { activeElement } = document;
      layout.insertWidget(first() + index, widget);
      if (activeElement instanceof HTMLElement && widget.node.contains(activeElement)) {
        activeElement.focus({ preventScroll: true }); // An element that is moved loses the focus.
      }
    }
  });
  return true;
}
