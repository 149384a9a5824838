import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

/**
 * Shows the outputs of approved code in full, as JupyterLab does with those of code that one ran oneself.
 *
 * JupyterLab looks at whether a shared cell is trusted only when it opens the cell. The server marks a cell when it
 * begins a run that people approved, and empties it in the same breath; outputs from before are never trusted by this.
 */
export function followTrust(notebook: INotebookModel): void {
  const follow = (cell: ICellModel) => {
    if (cell.type === 'code') {
      cell.sharedModel.changed.connect(() => look(cell as ICodeCellModel));
    }
  };
  for (const cell of notebook.cells) {
    follow(cell);
  }
  notebook.cells.changed.connect((_, { type, newValues }) => {
    if (type === 'add' || type === 'set') {
      newValues.forEach(follow);
    }
  });
}

function look(cell: ICodeCellModel): void {
  if (cell.isDisposed || cell.sharedModel.getMetadata('trusted') !== true) {
    return;
  }
  const { outputs } = cell;
  if (!outputs.trusted && outputs.length === 0) {
    outputs.trusted = true; // the model's own setter would write to the shared document, and could undo a stamp
  }
}
