import type { ISharedCell, ISharedNotebook, SharedCell } from '@jupyter/ydoc';

import { idOf } from './cell-ids';
import { lockOf } from '../core/permissions/locks';
import type { Change, Lock, OperationReport } from '../protocol';
import { failure, OK } from './operation';
import type { Stamp } from './stamps';
import { versionOf } from './version';

/**
 * Make all changes or none, in one transaction of the shared notebook, so that one undo takes back them and nothing else.
 *
 * The cells that it changed are stamped, or the notebook where none of them is left. Nothing is changed when a cell is not of the version that a change expects: the report then names the versions that are
 * there.
 */
export function applyChanges(
  notebook: ISharedNotebook,
  changes: readonly Change[],
  stamp: Stamp = () => undefined
): OperationReport {
  const plan = notebook.cells.map(planned);
  const refused = problemWith(plan, changes);
  if (refused !== null) {
    return refused;
  }
  endUndoStep(notebook);
  try {
    notebook.transact(() => {
      const draft = new NotebookDraft(notebook);
      changes.forEach(change => draft.make(change));
    });
  } catch (error) {
    // What listens to the notebook is told when all of it is made already: its failure is not ours.
    if (!isAs(notebook, plan)) {
      throw error;
    }
    console.warn('Something that follows the notebook failed at a change that was made.', error);
  }
  endUndoStep(notebook);
  const touched = changes
    .map(change => change.cell_id)
    .filter(id => plan.some(cell => cell.id === id));
  (touched.length > 0 ? touched : [null]).forEach(id => stamp(id));
  return OK;
}

/** Whether the notebook's cells are those of the plan. */
function isAs(notebook: ISharedNotebook, plan: readonly Planned[]): boolean {
  return (
    notebook.cells.length === plan.length &&
    notebook.cells.every((cell, index) => {
      const { id, type, source } = plan[index]!;
      return idOf(cell) === id && cell.cell_type === type && cell.getSource() === source;
    })
  );
}

/** Let what follows be an undo step of its own: what happens within half a second would otherwise be joined to one. */
function endUndoStep(notebook: ISharedNotebook): void {
  for (const each of [notebook, ...notebook.cells]) {
    (each as Undoable).undoManager?.stopCapturing();
  }
}

/** What shared models have besides their interfaces. */
interface Undoable {
  undoManager?: { stopCapturing(): void } | null;
}

/** What the cells would be called and contain, change by change: enough to see whether all of them fit. */
interface Planned {
  id: string;
  type: string;
  source: string;
  versions: Set<string>;
  lock: Lock | null;
}

/** Why the changes cannot be made, if so; else the plan is carried on to what they lead to. */
function problemWith(plan: Planned[], changes: readonly Change[]): OperationReport | null {
  const stale: Record<string, string | null> = {};
  let problem: OperationReport | null = null;
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
    if (change.type !== 'insert_cell' && cell?.lock) {
      refuse('locked', `Cell ${change.cell_id} is ${cell.lock} for copilots.`, change.cell_id);
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
  const versions = new Set([versionOf(source, type)]);
  return { id: idOf(cell), type, source, versions, lock: lockOf(cell.metadata) };
}

/** Carry a change over to the plan. */
function follow(plan: Planned[], change: Change, index: number): void {
  const cell = plan[index];
  switch (change.type) {
    case 'insert_cell': {
      const { cell_id: id, cell_type: type, source } = change;
      const versions = new Set([versionOf(source, type)]);
      plan.splice(place(plan, change.after), 0, { id, type, source, versions, lock: null });
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

/** The notebook within the transaction, where its own list of cells does not follow yet. */
class NotebookDraft {
  constructor(private readonly notebook: ISharedNotebook) {
    this.cells = notebook.cells.map(shared => ({ id: idOf(shared), shared }));
  }

  make(change: Change): void {
    const index = this.cells.findIndex(({ id }) => id === change.cell_id);
    const cell = this.cells[index]?.shared;
    switch (change.type) {
      case 'insert_cell': {
        const { cell_id: id, cell_type, source, rest } = change;
        // Its outputs, when it is run, are those of code that people approved.
        const metadata = cell_type === 'code' ? { trusted: true } : {};
        this.insert(place(this.cells, change.after), { id, cell_type, source, metadata, ...rest });
        break;
      }
      case 'delete_cell':
        this.remove(index);
        break;
      case 'move_cell':
        if (cell && change.after !== change.cell_id) {
          const moved = cell.toJSON();
          this.remove(index);
          this.insert(place(this.cells, change.after), { ...moved });
        }
        break;
      case 'set_source':
        if (cell && (hasWideLineEnds(cell.getSource()) || hasWideLineEnds(change.source))) {
          const before = cell.toJSON();
          this.remove(index);
          this.insert(index, { ...before, source: change.source });
        } else if (cell) {
          setSource(cell, change.source);
        }
        break;
      case 'set_type':
        if (cell) {
          const { id, source, metadata, attachments } = cell.toJSON() as SharedCell.Cell & Attached;
          const kept = change.cell_type !== 'code' && attachments ? { attachments } : {};
          this.remove(index);
          this.insert(index, { id, cell_type: change.cell_type, source, metadata, ...kept });
        }
    }
  }

  private insert(index: number, cell: { [field: string]: unknown }): void {
    const shared = this.notebook.insertCell(index, cell as unknown as SharedCell.Cell);
    this.cells.splice(index, 0, { id: String(cell.id), shared });
  }

  private remove(index: number): void {
    this.notebook.deleteCell(index);
    this.cells.splice(index, 1);
  }

  private readonly cells: { id: string; shared: ISharedCell }[];
}

/** What text cells may have. */
interface Attached {
  attachments?: unknown;
}

/**
 * Whether a source has line ends of two characters, which an editor counts as one: a change by places would be made
 * elsewhere in the editor, so such a cell is made anew.
 */
function hasWideLineEnds(source: string): boolean {
  return source.includes('\r\n');
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
