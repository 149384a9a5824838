import type { NotebookPanel } from '@jupyterlab/notebook';

import type { CopilotModel } from '../model';
import type { LogRecord } from '../protocol';
import type { StateChange } from '../replica';

/** Adapters through which a notebook changes on disk without this tab seeing it. */
const BEHIND_OUR_BACK = new Set(['front_end', 'contents']);

/**
 * Keeps a tab up to date with what the agent did to the notebook elsewhere: a clean one is loaded again, one with
 * unsaved changes is left alone, and its person is told.
 */
export function followDisk(model: CopilotModel, panel: NotebookPanel, tellDirty: () => void): void {
  const elsewhere = new Set<string>();
  model.stateChanged.connect((_, change: StateChange) => {
    const records = change.kind === 'records' ? change.records : [];
    if (records.some(record => changedElsewhere(record, model, elsewhere))) {
      if (panel.context.model.dirty) {
        tellDirty();
      } else {
        void panel.context.revert();
      }
    }
  });
}

/** Whether a call ended with this record that another tab, or the server, performed on the file. */
function changedElsewhere(
  { event }: LogRecord,
  model: CopilotModel,
  elsewhere: Set<string>
): boolean {
  switch (event.type) {
    case 'call_started':
      if (event.adapter === 'contents') {
        elsewhere.add(event.call_id);
      }
      return false;
    case 'call_claimed':
      if (event.client_id !== model.clientId) {
        elsewhere.add(event.call_id);
      }
      return false;
    case 'call_finished': {
      const call = model.state?.calls[event.call_id];
      const changes = call !== undefined && call.effect !== 'read';
      const adapter = call?.status === 'finished' ? call.adapter : null;
      return elsewhere.delete(event.call_id) && changes && BEHIND_OUR_BACK.has(adapter ?? '');
    }
    default:
      return false;
  }
}
