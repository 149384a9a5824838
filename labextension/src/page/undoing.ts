import type { TranslationBundle } from '@jupyterlab/translation';

import type { NotebookCells } from '../notebook/notebook-cells';
import type { Call, OldOutputs, UndoCalls } from '../protocol';
import type { Undoing } from '../view-model/cells';
import { cellsWithOldOutputs } from '../executor/old-outputs';
import { canUndo, undoCalls } from '../executor/undo';

/** However often the notebook changes, it is looked at once in this time. */
const LOOK_EVERY_MS = 250;

/** A notebook, and word of each change of its cells and of what they are called. */
type Watched = Pick<NotebookCells, 'panel'> & { watch: (callback: () => void) => () => void };

/**
 * Takes back what calls changed in the notebook that a tab shows, as a change of the person there.
 *
 * `tell` is given the command that says so to everybody, once it is done.
 */
export function notebookUndoing(
  { panel, watch }: Watched,
  trans: TranslationBundle,
  tell: (command: UndoCalls) => void
): Undoing {
  const say = (calls: readonly Call[], outputs: OldOutputs) =>
    tell({ type: 'undo_calls', call_ids: calls.map(call => call.call_id), outputs });
  const oldOutputs = (calls: readonly Call[]) =>
    panel.model === null ? [] : cellsWithOldOutputs(panel.model, calls);
  return {
    hasOldOutputs: calls => oldOutputs(calls).length > 0,
    clearOldOutputs: calls => {
      for (const cell of oldOutputs(calls)) {
        cell.clearExecution();
      }
      say(calls, 'cleared');
    },
    isPossible: calls => {
      const { model } = panel;
      return model !== null && !model.readOnly && canUndo(model.sharedModel, calls);
    },
    undo: calls => {
      const notebook = panel.model?.sharedModel;
      if (notebook === undefined) {
        return trans.__('The notebook is closed.');
      }
      if (undoCalls(notebook, calls).status !== 'ok') {
        return trans.__('A cell has changed since, so nothing was undone.');
      }
      say(calls, 'kept');
      return null;
    },
    subscribe: callback => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const changed = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          callback();
        }, LOOK_EVERY_MS);
      };
      const end = watch(changed);
      return () => {
        clearTimeout(timer);
        end();
      };
    }
  };
}
