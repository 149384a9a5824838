import type { NotebookPanel } from '@jupyterlab/notebook';

import type { JsonObject, Output } from '../protocol';
import type { FrontEndTool } from '../tokens';
import { applyChanges } from './changes';
import { failure, OK, type Operation, type Report } from './operation';
import { runCell } from './run';

/** Does an operation on the notebook that a tab shows, and saves what it changed. Rejects when it cannot. */
export async function perform(
  panel: NotebookPanel,
  operation: Operation,
  tool: (name: string) => FrontEndTool | undefined,
  tell: (output: Output) => void
): Promise<Report> {
  const kernel = panel.sessionContext.session?.kernel;
  switch (operation.type) {
    case 'apply': {
      const notebook = panel.model?.sharedModel;
      if (notebook === undefined) {
        return failure('notebook_missing', 'This tab no longer shows the notebook.');
      }
      const report = applyChanges(notebook, operation.changes, operation.exec_id);
      return report.status === 'ok' ? saved(panel, report) : report;
    }
    case 'run': {
      const { cell_id, exec_id, expected = null } = operation;
      return saved(panel, await runCell(panel, cell_id, exec_id, expected, tell));
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

/** The report, once the notebook is on disk too. A failed save is JupyterLab's to tell, and changes nothing here. */
async function saved(panel: NotebookPanel, report: Report): Promise<Report> {
  await panel.context.save().catch(() => undefined);
  return report;
}

/** The notebook as this tab shows it, unsaved changes included. Throws when it shows none any more. */
export function notebookJson(panel: NotebookPanel): JsonObject {
  if (panel.model === null) {
    throw new Error('This tab no longer shows the notebook.');
  }
  return panel.model.sharedModel.toJSON() as unknown as JsonObject;
}
