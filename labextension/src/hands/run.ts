import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type * as nbformat from '@jupyterlab/nbformat';

import type { Output } from '../protocol';
import { STAMP } from './changes';
import { failure, type Report } from './operation';
import { versionOf } from './version';

const TELL_EVERY_MS = 300;

/**
 * Run a cell as the person would: through the notebook's own executor, with its outputs in the notebook.
 *
 * `onOutput` is told of text as it grows. Resolves with the report once the kernel is done with the cell.
 */
export async function runCell(
  panel: NotebookPanel,
  cellId: string,
  execId: string,
  expected: string | null,
  onOutput: (output: Output) => void
): Promise<Report> {
  const { content, sessionContext } = panel;
  const cell = content.widgets.find(widget => widget.model.id === cellId);
  if (cell === undefined || cell.model.type !== 'code') {
    return { ...failure('cell_not_found', 'There is no such code cell here.'), cell_id: cellId };
  }
  const model = cell.model as ICodeCellModel;
  const version = versionOf(model.sharedModel.getSource(), 'code');
  if (expected !== null && version !== expected) {
    return { status: 'stale', cells: { [cellId]: version } };
  }
  if (!sessionContext.session?.kernel) {
    return failure('kernel', 'The notebook has no kernel.', 'Choose a kernel for it.');
  }
  model.setMetadata(STAMP, { exec_id: execId, state: 'running' });
  const follower = new OutputFollower(model, cellId, onOutput);
  let ran = false;
  try {
    ran = await NotebookActions.runCells(content, [cell as CodeCell], sessionContext);
  } finally {
    follower.dispose();
  }
  const outputs = model.outputs.toJSON();
  const status = statusOf(outputs);
  picturesIn(outputs, cellId).forEach(onOutput);
  model.setMetadata(STAMP, { exec_id: execId, state: status });
  if (!ran && status === 'ok') {
    return failure(
      'kernel',
      'The kernel went away before the cell ended; it may have run in part or not at all.',
      'Restart the kernel, then run the cell again.'
    );
  }
  return { status, outputs, execution_count: model.executionCount };
}

/** How a run ended, as its outputs tell. */
export function statusOf(outputs: readonly nbformat.IOutput[]): 'ok' | 'error' | 'interrupted' {
  const error = outputs.find(output => output.output_type === 'error');
  if (error === undefined) {
    return 'ok';
  }
  return error.ename === 'KeyboardInterrupt' ? 'interrupted' : 'error';
}

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const PICTURE_CHARS = 600_000;

/** The pictures among the outputs that fit into a report, for everybody to see beside the call. */
export function picturesIn(outputs: readonly nbformat.IOutput[], cellId: string): Output[] {
  return outputs.flatMap(output => {
    const bundle = (output.data ?? {}) as Record<string, unknown>;
    const mime = PICTURES.find(each => typeof bundle[each] === 'string');
    const data = mime === undefined ? '' : (bundle[mime] as string).replace(/\s/g, '');
    return mime === undefined || data.length > PICTURE_CHARS
      ? []
      : [{ kind: 'image' as const, text: '', image: { mime, data, name: '' }, cell_id: cellId }];
  });
}

/** Tells of a running cell's text as it grows, a few times a second. */
class OutputFollower {
  constructor(
    private readonly model: ICodeCellModel,
    private readonly cellId: string,
    private readonly onOutput: (output: Output) => void
  ) {
    this.timer = setInterval(() => this.tell(), TELL_EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    for (const kind of ['stdout', 'stderr'] as const) {
      const text = this.textOf(kind);
      const told = this.told[kind];
      if (!text.startsWith(told)) {
        this.send('clear', '');
        this.told = { stdout: '', stderr: '' };
        return;
      }
      if (text.length > told.length) {
        this.told[kind] = text;
        this.send(kind, text.slice(told.length));
      }
    }
  }

  private textOf(kind: 'stdout' | 'stderr'): string {
    return this.model.outputs
      .toJSON()
      .filter(output => output.output_type === 'stream' && output.name === kind)
      .map(output => ([] as string[]).concat(output.text as string | string[]).join(''))
      .join('');
  }

  private send(kind: Output['kind'], text: string): void {
    this.onOutput({ kind, text, image: null, cell_id: this.cellId });
  }

  private told = { stdout: '', stderr: '' };
  private readonly timer: ReturnType<typeof setInterval>;
}
