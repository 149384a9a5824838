import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

/**
 * Load a notebook again, and keep what is typed into its cells meanwhile; whether anything was.
 *
 * JupyterLab fetches the file first and then puts it in the place of whatever the notebook holds by then.
 */
export async function reload(
  notebook: INotebookModel,
  revert: () => Promise<void>
): Promise<boolean> {
  const before = new Map([...notebook.cells].map(cell => [cell, sourceOf(cell)]));
  const typed = new Map<string, string>();
  const note = (cell: ICellModel) => {
    if (sourceOf(cell) === before.get(cell)) {
      typed.delete(cell.id); // only a run wrote, or the person undid it
    } else {
      typed.set(cell.id, sourceOf(cell));
    }
  };
  before.forEach((_, cell) => cell.contentChanged.connect(note));
  try {
    await revert();
  } finally {
    before.forEach((_, cell) => cell.contentChanged.disconnect(note));
  }
  for (const cell of [...notebook.cells].filter(each => typed.has(each.id))) {
    cell.sharedModel.setSource(typed.get(cell.id)!);
  }
  return typed.size > 0;
}

function sourceOf(cell: ICellModel): string {
  return cell.sharedModel.getSource();
}
