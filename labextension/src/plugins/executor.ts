import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { agreeOnIds } from '../client/cell-ids';
import { CellIds } from '../executor/cell-ids';
import { followDisk } from '../executor/follow-disk';
import { followTrust } from '../notebook/follow-trust';
import { perform } from '../executor/perform';
import { readingOf } from '../executor/reading';
import { reload } from '../notebook/reload';
import { UnsavedChanges } from '../notebook/unsaved';
import { Stamps } from '../executor/stamps';
import { Worker } from '../executor/worker';
import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';

/** Lets the agent act through this page, and keeps the page up to date with what it did elsewhere. */
export const executor: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:executor',
  description: 'Edits and runs that the copilot makes through this page.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator],
  activate: (app, rooms: Rooms, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    rooms.forEach(notebook => {
      const ids = agreeing(notebook, app.serviceManager.serverSettings);
      work(notebook, rooms, ids, trans);
      follow(notebook, ids, trans);
    });
  }
};

/** Have the cells of a notebook whose file keeps no ids called as everybody else calls them, for as long as it is open. */
function agreeing(
  { panel: { context }, cells, room: { model } }: OpenNotebook,
  settings: ServerConnection.ISettings
): CellIds {
  const ids = new CellIds(
    // A document that is shared live has the same ids everywhere by itself.
    () =>
      context.isDisposed || context.model.collaborative ? undefined : context.model.sharedModel,
    (versions, own) => agreeOnIds(settings, model.path, versions, own),
    () => cells.tell()
  );
  void context.ready.then(() => {
    context.model.cells.changed.connect(() => ids.look());
    context.saveState.connect((_, state) => void (state === 'completed' && ids.agree()));
    model.connectionChanged.connect(() => void (model.connection.status === 'live' && ids.agree()));
    void ids.agree();
  });
  return ids;
}

/** Do what the agent may do through this tab. */
function work(
  { panel, room: { model } }: OpenNotebook,
  rooms: Rooms,
  ids: CellIds,
  trans: TranslationBundle
): void {
  const interrupt = () => {
    const kernel = panel.sessionContext.session?.kernel;
    kernel?.interrupt().catch((error: unknown) => {
      Notification.error(trans.__('The copilot could not stop the cell: %1', String(error)));
    });
  };
  const stamps = new Stamps();
  const worker = new Worker({
    model,
    isReady: () => rooms.preferences.values.actHere && panel.context.isReady && !panel.isDisposed,
    perform: async (operation, tell) => {
      await ids.settled;
      return perform(panel, operation, name => rooms.tool(name), stamps, tell);
    },
    interrupt,
    pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
    random: Math.random
  });
  panel.disposed.connect(() => worker.dispose());
  model.readNotebook = async () => {
    await ids.settled;
    return readingOf(panel, stamps);
  };
}

/** Keep this tab's notebook as the others have it, and tell them whether it is. */
function follow(
  { panel, room: { model } }: OpenNotebook,
  ids: CellIds,
  trans: TranslationBundle
): void {
  const { context } = panel;
  let unsaved: UnsavedChanges | null = null;
  const tellUnsaved = () =>
    Notification.warning(
      trans.__(
        'The copilot changed this notebook elsewhere. Your unsaved changes were left alone: save to compare, or reload from disk.'
      )
    );
  const loadAgain = async () => {
    await context.ready;
    const revert = async () => {
      await context.revert();
      await ids.settled;
    };
    if (await reload(context.model, revert)) {
      tellUnsaved();
    }
  };
  followDisk(model, {
    isUnsaved: () => unsaved?.any ?? false,
    reload: () => void loadAgain(), // JupyterLab tells when it fails
    tellUnsaved
  });
  void context.ready.then(() => {
    if (context.isDisposed) {
      return;
    }
    const changes = (unsaved = new UnsavedChanges(context.model));
    const show = () => model.setPresence({ document: changes.any ? 'dirty' : 'open' });
    changes.changed.connect(show);
    show();
    followTrust(context.model);
  });
}
