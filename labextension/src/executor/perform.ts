import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import type { Operation, Output, OperationReport } from '../protocol';
import { settledWithin } from '../notebook/settled-within';
import type { FrontEndTool } from '../tokens';
import { applyChanges } from './changes';
import { failure, OK } from './operation';
import { hearingPayload } from './payload';
import { type Runnable, runCell } from './run';
import type { Stamps } from './stamps';

/** Kernels elsewhere take their time to start. */
const KERNEL_PATIENCE_MS = 120_000;

/** Does an operation on the notebook that a tab shows, and saves what it changed. Rejects when it cannot. */
export async function perform(
  panel: NotebookPanel,
  operation: Operation,
  tool: (name: string) => FrontEndTool | undefined,
  stamps: Stamps,
  tell: (output: Output) => void
): Promise<OperationReport> {
  if (operation.type === 'run' || operation.type === 'restart') {
    // A page that was just opened may be about to have a kernel, and never tells when that failed.
    await settledWithin(panel.sessionContext.initialize(), KERNEL_PATIENCE_MS);
  }
  const kernel = panel.sessionContext.session?.kernel;
  switch (operation.type) {
    case 'apply': {
      const notebook = panel.model?.sharedModel;
      if (notebook === undefined) {
        return NO_NOTEBOOK;
      }
      const report = applyChanges(notebook, operation.changes, id =>
        stamps.set(id, operation.exec_id)
      );
      return report.status === 'ok' ? saved(panel, report) : report;
    }
    case 'run': {
      const { cell_id, exec_id, expected } = operation;
      const place = runnable(panel);
      return place === null
        ? NO_NOTEBOOK
        : saved(panel, await runCell(place, cell_id, exec_id, expected, stamps, tell));
    }
    case 'interrupt':
      await kernel?.interrupt();
      return OK;
    case 'restart':
      await kernel?.restart();
      return kernel ? OK : failure('kernel', 'The notebook has no kernel.');
    case 'command': {
      const found = tool(operation.name);
      if (found === undefined) {
        return failure('unknown_command', `This page cannot do “${operation.name}”.`);
      }
      const value = await found.perform(operation.args, panel);
      return value === undefined ? OK : { ...OK, value };
    }
  }
}

const NO_NOTEBOOK = failure('notebook_missing', 'This tab no longer shows the notebook.');

function runnable({ model, content, sessionContext }: NotebookPanel): Runnable | null {
  return (
    model && {
      notebook: model,
      hasKernel: Boolean(sessionContext.session?.kernel),
      execute: async (cell, onPayload) => {
        const shown = content.widgets.filter(widget => widget.model === cell);
        const run = () => NotebookActions.runCells(content, shown, sessionContext);
        const kernel = sessionContext.session?.kernel;
        return shown.length > 0 && hearingPayload(kernel, cell.id, onPayload, run);
      }
    }
  );
}

/** JupyterLab may ask the person something before it saves, who may be far away. */
const SAVE_PATIENCE_MS = 5000;

/** The report, once the notebook is on disk too. A failed save is JupyterLab's to tell, and changes nothing here. */
async function saved(panel: NotebookPanel, report: OperationReport): Promise<OperationReport> {
  await settledWithin(panel.context.save(), SAVE_PATIENCE_MS);
  return report;
}
