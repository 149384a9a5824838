import type { ISharedCell, ISharedNotebook, SharedCell } from '@jupyter/ydoc';

import { type Change, failure, OK, type Report } from './operation';
import { versionOf } from './version';

/** Under this key a cell says which call changed or ran it last. */
export const STAMP = 'copilot';

/**
 * Make all changes or none, in one transaction of the shared notebook, so that one undo takes them back.
 *
 * Nothing is changed when a cell is not as the agent read it: the report then names the versions that are there.
 */
export function applyChanges(notebook: ISharedNotebook, changes: Change[], execId: string): Report {
  const refused = problemWith(notebook, changes);
  if (refused !== null) {
    return refused;
  }
  notebook.transact(() => {
    const stamped = changes.filter(change => make(notebook, change, execId));
    if (stamped.length === 0) {
      notebook.setMetadata(STAMP, { exec_id: execId });
    }
  });
  return OK;
}

/** What the cells would be called and contain, change by change: enough to see whether all of them fit. */
interface Planned {
  id: string;
  type: string;
  source: string;
  versions: Set<string>;
}

function problemWith(notebook: ISharedNotebook, changes: Change[]): Report | null {
  const plan = notebook.cells.map(planned);
  const stale: Record<string, string | null> = {};
  let problem: Report | null = null;
  const find = (id: string | null) => plan.findIndex(cell => cell.id === id);
  const refuse = (code: string, message: string, cell_id: string) => {
    problem ??= { ...failure(code, message), cell_id };
  };
  for (const change of changes) {
    const index = find(change.cell_id);
    const cell = plan[index];
    if ('expected' in change && !cell?.versions.has(change.expected)) {
      stale[change.cell_id] = cell ? versionOf(cell.source, cell.type) : null;
      continue;
    }
    if (change.type === 'insert_cell' && cell) {
      refuse('cell_exists', `There is a cell ${change.cell_id} already.`, change.cell_id);
    } else if (change.type === 'move_cell' && !cell) {
      refuse('cell_not_found', `There is no cell ${change.cell_id}.`, change.cell_id);
    } else if ('after' in change && change.after !== null && find(change.after) < 0) {
      refuse('cell_not_found', `There is no cell ${change.after}.`, change.after);
    }
    follow(plan, change, index);
  }
  return Object.keys(stale).length > 0 ? { status: 'stale', cells: stale } : problem;
}

function planned(cell: ISharedCell): Planned {
  const source = cell.getSource();
  const type = cell.cell_type;
  return { id: cell.getId(), type, source, versions: new Set([versionOf(source, type)]) };
}

/** Carry a change over to the plan. */
function follow(plan: Planned[], change: Change, index: number): void {
  const cell = plan[index];
  switch (change.type) {
    case 'insert_cell': {
      const { cell_id: id, cell_type: type, source } = change;
      const versions = new Set([versionOf(source, type)]);
      plan.splice(place(plan, change.after), 0, { id, type, source, versions });
      break;
    }
    case 'delete_cell':
      plan.splice(index, 1);
      break;
    case 'move_cell':
      if (cell && change.after !== change.cell_id) {
        plan.splice(index, 1);
        plan.splice(place(plan, change.after), 0, cell);
      }
      break;
    case 'set_source':
    case 'set_type':
      if (cell) {
        cell.source = change.type === 'set_source' ? change.source : cell.source;
        cell.type = change.type === 'set_type' ? change.cell_type : cell.type;
        cell.versions.add(versionOf(cell.source, cell.type));
      }
  }
}

function place(cells: { id: string }[], after: string | null): number {
  return after === null ? 0 : cells.findIndex(cell => cell.id === after) + 1;
}

/** Make one change; whether a cell is left that carries the stamp. */
function make(notebook: ISharedNotebook, change: Change, execId: string): boolean {
  const ids = notebook.cells.map(cell => ({ id: cell.getId() }));
  const index = ids.findIndex(({ id }) => id === change.cell_id);
  const stamp = { [STAMP]: { exec_id: execId } };
  switch (change.type) {
    case 'insert_cell': {
      const { cell_id: id, cell_type, source } = change;
      const metadata = cell_type === 'code' ? { trusted: true, ...stamp } : stamp;
      notebook.insertCell(place(ids, change.after), {
        id,
        cell_type,
        source,
        metadata
      } as SharedCell.Cell);
      return true;
    }
    case 'delete_cell':
      notebook.deleteCell(index);
      return false;
    case 'move_cell': {
      const others = ids.filter(({ id }) => id !== change.cell_id);
      if (change.after !== change.cell_id) {
        notebook.moveCell(index, place(others, change.after));
      }
      break;
    }
    case 'set_source':
      setSource(notebook.getCell(index), change.source);
      break;
    case 'set_type': {
      const { id, source, metadata } = notebook.getCell(index).toJSON();
      notebook.deleteCell(index);
      const { cell_type } = change;
      notebook.insertCell(index, { id, cell_type, source, metadata } as SharedCell.Cell);
    }
  }
  find(notebook, change.cell_id)?.setMetadata(STAMP, { exec_id: execId });
  return true;
}

function find(notebook: ISharedNotebook, id: string): ISharedCell | undefined {
  return notebook.cells.find(cell => cell.getId() === id);
}

/** Change only what differs, so that cursors elsewhere in the cell stay where they are. */
function setSource(cell: ISharedCell, source: string): void {
  const before = cell.getSource();
  const most = Math.min(before.length, source.length);
  let start = 0;
  while (start < most && before[start] === source[start]) {
    start += 1;
  }
  let end = 0;
  while (end < most - start && before.at(-1 - end) === source.at(-1 - end)) {
    end += 1;
  }
  cell.updateSource(start, before.length - end, source.slice(start, source.length - end));
}
