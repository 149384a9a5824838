import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

import { lockOf } from '../core/permissions/locks';
import type { JsonObject, Output, OperationReport } from '../protocol';
import type { Payload } from './payload';
import { failure } from './operation';
import { OutputFollower } from './output-follower';
import type { Stamps } from './stamps';
import { trimOutputs } from './trim-outputs';
import { versionOf } from './version';

/** A notebook whose cells can be run. */
export interface Runnable {
  readonly notebook: INotebookModel;
  readonly hasKernel: boolean;
  /** Runs a cell as the person would; whether the kernel came to its end without an error. */
  execute(cell: ICodeCellModel, onPayload: (payload: Payload) => void): Promise<boolean>;
}

/**
 * Run a cell as the person would: through the notebook's own executor, with its outputs in the notebook.
 *
 * A cell that is not of the `expected` version is left alone. `onOutput` is told of text as it grows, and of pictures
 * at the end. Resolves with the report once the kernel is done with the cell.
 */
export async function runCell(
  { notebook, hasKernel, execute }: Runnable,
  cellId: string,
  execId: string,
  expected: string | null,
  stamps: Stamps,
  onOutput: (output: Output) => void
): Promise<OperationReport> {
  const cell = [...notebook.cells].find(each => String(each.id) === cellId);
  if (cell === undefined || !isCode(cell)) {
    return { ...failure('cell_not_found', 'There is no such code cell here.'), cell_id: cellId };
  }
  const version = versionOf(cell.sharedModel.getSource(), 'code');
  if (expected !== null && version !== expected) {
    return { status: 'stale', cells: { [cellId]: version } };
  }
  if (lockOf(cell.sharedModel.metadata) === 'locked') {
    return { ...failure('locked', 'This cell is locked for copilots.'), cell_id: cellId };
  }
  if (!hasKernel) {
    return failure('kernel', 'The notebook has no kernel.', 'Choose a kernel for it.');
  }
  stamps.set(cellId, execId, 'running');
  const follower = new OutputFollower(cell, onOutput);
  const known = new Set([...notebook.cells].map(each => each.id));
  let payload: Payload = [];
  let ran = false;
  try {
    ran = await execute(cell, asked => (payload = asked));
  } finally {
    follower.dispose();
  }
  const outputs = cell.outputs.toJSON();
  const status = statusOf(outputs);
  picturesIn(outputs, cellId).forEach(onOutput);
  stamps.set(cellId, execId, status);
  if (!ran && status === 'ok') {
    return failure(
      'kernel',
      'The kernel went away before the cell ended; it may have run in part or not at all.',
      'Restart the kernel, then run the cell again.'
    );
  }
  const below = notebook.cells.get([...notebook.cells].indexOf(cell) + 1);
  return {
    status,
    outputs: trimOutputs(outputs),
    execution_count: cell.executionCount,
    ...(payload.length > 0 && { payload: payload.map(withoutContent) }),
    // JupyterLab has put the code that a cell asked for into a new one.
    ...(below && !known.has(below.id) && { next_cell_id: below.id })
  };
}

/** The notebook has the rest already. */
function withoutContent({ data: _, text: __, ...asked }: Payload[number]): JsonObject {
  return asked;
}

function isCode(cell: ICellModel): cell is ICodeCellModel {
  return cell.type === 'code';
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
      : [
          {
            kind: 'image' as const,
            text: '',
            image: { mime, data, name: '', digest: '', bytes: 0 },
            cell_id: cellId
          }
        ];
  });
}
