import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { followDisk } from '../hands/follow-disk';
import { notebookJson, perform } from '../hands/perform';
import { Worker } from '../hands/worker';
import { IRooms, type OpenNotebook, type Rooms } from '../rooms';

/** Lets the agent act through this page where no live document is shared. */
export const hands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:hands',
  description: 'Edits and runs that the copilot makes through this page.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator],
  activate: (_app, rooms: Rooms, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const lend = ({ panel, room: { model } }: OpenNotebook) => {
      const worker = new Worker({
        model,
        isReady: () =>
          rooms.preferences.values.actHere && panel.context.isReady && !panel.isDisposed,
        perform: (operation, tell) => perform(panel, operation, name => rooms.tool(name), tell),
        interrupt: () => void panel.sessionContext.session?.kernel?.interrupt(),
        pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
        random: Math.random
      });
      panel.disposed.connect(() => worker.dispose());
      model.readNotebook = async () => notebookJson(panel);
      showDocument(panel, document => model.setPresence({ document }));
      followDisk(model, panel, () =>
        Notification.warning(
          trans.__(
            'The copilot changed this notebook elsewhere. Your unsaved changes were left alone: save to compare, or reload from disk.'
          )
        )
      );
    };
    rooms.entered.connect((_, notebook) => lend(notebook));
    for (const notebook of rooms.open) {
      lend(notebook);
    }
  }
};

/** Tell whether this tab has the notebook, and whether with unsaved changes. */
function showDocument(
  panel: OpenNotebook['panel'],
  tell: (document: 'open' | 'dirty') => void
): void {
  const { context } = panel;
  const look = () => tell(context.model.dirty ? 'dirty' : 'open');
  void context.ready.then(() => {
    look();
    context.model.stateChanged.connect(look);
  });
}
