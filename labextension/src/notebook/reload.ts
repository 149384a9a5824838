import type { ICellModel } from '@jupyterlab/cells';
import type { ICell } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

/**
 * Load a notebook again, and keep what is written into its cells meanwhile; whether anything was.
 *
 * JupyterLab fetches the file first and then puts it in the place of whatever the notebook holds by then. A cell that is
 * new by then, or written into and gone on disk, comes back behind the one that it stood below.
 */
export async function reload(
  notebook: INotebookModel,
  revert: () => Promise<void>
): Promise<boolean> {
  const meanwhile = new Meanwhile(notebook);
  try {
    await revert();
  } finally {
    meanwhile.end();
  }
  return meanwhile.putBack();
}

/** A cell that somebody wrote into, and the ids of those above it, the nearest last. */
interface Written {
  readonly cell: ICell;
  readonly above: readonly string[];
}

/** What is written into a notebook from now on until its end. */
class Meanwhile {
  constructor(private readonly notebook: INotebookModel) {
    for (const cell of notebook.cells) {
      this.before.set(cell, sourceOf(cell));
      this.known.add(cell.id);
      cell.contentChanged.connect(this.note, this);
    }
    notebook.cells.changed.connect(this.watch, this);
  }

  end(): void {
    this.notebook.cells.changed.disconnect(this.watch, this);
    for (const cell of [...this.before.keys(), ...this.written.keys()]) {
      cell.contentChanged.disconnect(this.note, this);
    }
  }

  /** Write what is no longer there once more; whether there is any. */
  putBack(): boolean {
    const { sharedModel } = this.notebook;
    const present = new Set(this.notebook.cells);
    const lost = [...this.written].filter(([cell]) => !present.has(cell)).map(([, each]) => each);
    for (const { cell, above } of lost) {
      const ids = sharedModel.cells.map(each => each.getId());
      const index = ids.indexOf(cell.id as string);
      if (index >= 0) {
        sharedModel.getCell(index).setSource(cell.source as string);
      } else {
        const below = above.findLast(id => ids.includes(id));
        sharedModel.insertCell(below === undefined ? 0 : ids.indexOf(below) + 1, cell);
      }
    }
    return lost.length > 0;
  }

  private watch(_: unknown, { newValues }: { readonly newValues: readonly ICellModel[] }): void {
    for (const cell of newValues.filter(each => !this.known.has(each.id))) {
      cell.contentChanged.connect(this.note, this);
      this.note(cell);
    }
  }

  private note(cell: ICellModel): void {
    if (sourceOf(cell) === this.before.get(cell)) {
      this.written.delete(cell); // only a run wrote, or the person undid it
      return;
    }
    const ids = [...this.notebook.cells].map(each => each.id);
    this.written.set(cell, { cell: cell.toJSON(), above: ids.slice(0, ids.indexOf(cell.id)) });
  }

  private readonly known = new Set<string>();
  private readonly before = new Map<ICellModel, string>();
  private readonly written = new Map<ICellModel, Written>();
}

function sourceOf(cell: ICellModel): string {
  return cell.sharedModel.getSource();
}
