import type { INotebookContent } from '@jupyterlab/nbformat';
import { NotebookModel } from '@jupyterlab/notebook';

/** JupyterLab's own model of a notebook, loaded with these code cells, whose ids are `c1`, `c2`, … */
export function loaded(...sources: string[]): NotebookModel {
  const model = new NotebookModel();
  model.fromJSON(contentOf(...sources));
  return model;
}

/** A notebook on disk that no kernel has described yet. */
export function contentOf(...sources: string[]): INotebookContent {
  const cells = sources.map((source, n) => ({
    id: `c${n + 1}`,
    cell_type: 'code' as const,
    source,
    metadata: {},
    outputs: [],
    execution_count: null
  }));
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 } as unknown as INotebookContent;
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
