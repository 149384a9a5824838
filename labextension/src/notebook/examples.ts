import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

const ASSIGNED_FRAME = /^(\w+)\s*=\s*(?:pd|pl|sns|polars|pandas)\.(?:read_|load_|DataFrame)/m;

/** Three things to ask that fit the notebook as it is. */
export function fittingExamples(cells: Iterable<ICellModel>, trans: TranslationBundle): string[] {
  const found: string[] = [];
  let hasCode = false;
  let number = 0;
  for (const cell of cells) {
    number += 1;
    const source = cell.sharedModel.getSource();
    hasCode ||= cell.type === 'code' && source.trim() !== '';
    if (cell.type === 'code' && hasError(cell as ICodeCellModel)) {
      found.unshift(trans.__('Fix the error in cell %1', number));
    }
    const frame = cell.type === 'code' ? ASSIGNED_FRAME.exec(source)?.[1] : undefined;
    if (frame) {
      found.push(trans.__('Plot the columns of `%1`', frame));
      found.push(trans.__('Which values are missing in `%1`?', frame));
    }
  }
  const general = hasCode
    ? [
        trans.__('Explain what this notebook does'),
        trans.__('Find mistakes in this notebook'),
        trans.__('Add headings and short explanations')
      ]
    : [
        trans.__('Load a CSV file and show its first rows'),
        trans.__('Draw a sine wave'),
        trans.__('Explain what you can do here')
      ];
  const [first, ...rest] = general;
  return [...new Set([first!, ...found, ...rest])].slice(0, 3);
}

function hasError(cell: ICodeCellModel): boolean {
  for (let i = 0; i < cell.outputs.length; i++) {
    if (cell.outputs.get(i).type === 'error') {
      return true;
    }
  }
  return false;
}
