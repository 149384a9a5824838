import type { CopilotModel } from '../model/copilot-model';
import type { LogRecord } from '../protocol';
import type { StateChange } from '../core/replica';

/** Adapters through which a notebook changes on disk without this tab seeing it. */
const BEHIND_OUR_BACK = new Set(['front_end', 'contents']);

/** A tab's copy of the notebook. */
export interface Copy {
  /** Whether it has changes that are not on disk. */
  isUnsaved(): boolean;
  /** Load it again. */
  reload(): void;
  /** Tell the person that it was not loaded again. */
  tellUnsaved(): void;
}

/**
 * Keeps a tab up to date with what the agent did to the notebook elsewhere: a clean copy is loaded again, one with
 * unsaved changes is left alone, and its person is told.
 */
export function followDisk(
  model: Pick<CopilotModel, 'clientId' | 'state' | 'stateChanged'>,
  copy: Copy
): void {
  const elsewhere = new Elsewhere(model);
  model.stateChanged.connect((_, change: StateChange) => {
    const records = change.kind === 'records' ? change.records : [];
    if (records.filter(record => elsewhere.changed(record)).length > 0) {
      if (copy.isUnsaved()) {
        copy.tellUnsaved();
      } else {
        copy.reload();
      }
    }
  });
}

/** The calls that another tab, or the server, performs on the file. */
class Elsewhere {
  constructor(private readonly model: Pick<CopilotModel, 'clientId' | 'state'>) {}

  /** Whether the file was changed by a call that ended with this record. To be told of every record. */
  changed({ event }: LogRecord): boolean {
    const { model, calls } = this;
    switch (event.type) {
      case 'call_started':
        if (event.adapter === 'contents') {
          calls.add(event.call_id);
        }
        return false;
      case 'call_claimed':
        if (event.client_id !== model.clientId) {
          calls.add(event.call_id);
        }
        return false;
      case 'call_finished': {
        const call = model.state?.calls[event.call_id];
        const changes = call !== undefined && call.effect !== 'read';
        const adapter = call?.status === 'finished' ? call.adapter : null;
        return calls.delete(event.call_id) && changes && BEHIND_OUR_BACK.has(adapter ?? '');
      }
      default:
        return false;
    }
  }

  private readonly calls = new Set<string>();
}
