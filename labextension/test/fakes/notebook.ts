import type { INotebookContent } from '@jupyterlab/nbformat';
import { NotebookModel } from '@jupyterlab/notebook';
import { afterAll, beforeAll, describe } from 'vitest';

import { nameCells } from '../../src/executor/cell-ids';

/** The minor version of nbformat 4 that notebooks are of here; below 5 their files keep no ids. */
export const format = { minor: 5 };

/** The same tests for each kind of notebook that JupyterLab opens: 4.0 and 4.4, as most real ones are, and 4.5. */
export function inEachFormat(tests: () => void): void {
  describe.each([0, 4, 5])('nbformat 4.%i:', minor => {
    beforeAll(() => void (format.minor = minor));
    afterAll(() => void (format.minor = 5));
    tests();
  });
}

/** JupyterLab's own model of a notebook, loaded with these code cells, whose ids are `c1`, `c2`, … */
export function loaded(...sources: string[]): NotebookModel {
  const model = new NotebookModel();
  model.fromJSON(contentOf(...sources));
  callThem(model);
  return model;
}

/** Call the cells `c1`, `c2`, … where their file does not, as the server would have this tab do. */
export function callThem(model: NotebookModel): void {
  if (format.minor < 5) {
    nameCells(
      model.sharedModel,
      model.sharedModel.cells,
      model.sharedModel.cells.map((_, n) => `c${n + 1}`)
    );
  }
}

/** A notebook on disk that no kernel has described yet. */
export function contentOf(...sources: string[]): INotebookContent {
  const cells = sources.map((source, n) => ({
    ...(format.minor < 5 ? {} : { id: `c${n + 1}` }),
    cell_type: 'code' as const,
    source,
    metadata: {},
    outputs: [],
    execution_count: null
  }));
  return {
    cells,
    metadata: {},
    nbformat: 4,
    nbformat_minor: format.minor
  } as unknown as INotebookContent;
}

/** What JupyterLab writes once a kernel answers. */
export function describeKernel(model: NotebookModel): void {
  model.setMetadata('language_info', { name: 'python', version: '3.11.7' });
  model.setMetadata('kernelspec', {
    name: 'python3',
    display_name: 'Python 3',
    language: 'python'
  });
}
