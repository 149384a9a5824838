import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Undoing } from '../view-model/cells';
import { canUndo, undoCalls } from '../executor/undo';

/** However often the notebook changes, it is looked at once in this time. */
const LOOK_EVERY_MS = 250;

/** Takes back what calls changed in the notebook that a tab shows, as a change of the person there. */
export function notebookUndoing(panel: NotebookPanel, trans: TranslationBundle): Undoing {
  return {
    isPossible: calls => {
      const { model } = panel;
      return model !== null && !model.readOnly && canUndo(model.sharedModel, calls);
    },
    undo: calls => {
      const notebook = panel.model?.sharedModel;
      if (notebook === undefined) {
        return trans.__('The notebook is closed.');
      }
      return undoCalls(notebook, calls).status === 'ok'
        ? null
        : trans.__('A cell was changed meanwhile, so nothing was taken back.');
    },
    subscribe: callback => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const changed = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          callback();
        }, LOOK_EVERY_MS);
      };
      const { content } = panel;
      content.modelContentChanged.connect(changed);
      return () => {
        clearTimeout(timer);
        content.modelContentChanged.disconnect(changed);
      };
    }
  };
}
