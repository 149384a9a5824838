import type { ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { Call } from '../protocol';

/** The cells whose code calls changed and ran, that have their earlier code again, and that still have outputs. */
export function cellsWithOldOutputs(
  notebook: INotebookModel,
  calls: readonly Call[]
): ICodeCellModel[] {
  const before = new Map<string, string | null>();
  for (const { effect, preview } of calls) {
    for (const { action, cell_id, before: source } of effect === 'execute' ? preview.cells : []) {
      if (action === 'edit' && !before.has(cell_id)) {
        before.set(cell_id, source);
      }
    }
  }
  return [...notebook.cells].filter(
    (cell): cell is ICodeCellModel =>
      cell.type === 'code' &&
      before.get(cell.id) === cell.sharedModel.getSource() &&
      (cell as ICodeCellModel).outputs.length > 0
  );
}
