import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { MemoryStore } from '../client/outbox';
import { IndexedDbStore, LockedTabs, unknownTabs } from '../client/outbox-browser';
import { Preferences } from '../model/preferences';
import { IRooms, Rooms } from '../model/rooms';

const NOTEBOOK_APP = 'Jupyter Notebook';

/** Enters the room of each notebook that is open. */
export const rooms: JupyterFrontEndPlugin<Rooms> = {
  id: 'jupyter-collaborative-copilot:plugin',
  description: 'The shared copilot of each open notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ITranslator],
  provides: IRooms,
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const preferences = new Preferences();
    registry
      ?.load(rooms.id)
      .then(settings => preferences.follow(settings))
      .catch((error: unknown) =>
        Notification.warning(
          trans.__('The settings of the copilot cannot be read: %1', String(error))
        )
      );
    return new Rooms({
      tracker,
      preferences,
      settings: app.serviceManager.serverSettings,
      surface: app.name === NOTEBOOK_APP ? 'notebook' : 'lab',
      store: 'indexedDB' in window ? new IndexedDbStore(indexedDB) : new MemoryStore(),
      tabs: 'locks' in navigator ? new LockedTabs(navigator.locks) : unknownTabs,
      storage: localStorage
    });
  }
};
