import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../page/command-ids';
import { IRooms, type Rooms } from '../model/rooms';

/** Lets agents from outside into the notebook that is current. */
export const agents: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:agents',
  description: 'Lets agents from outside into a notebook.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    app.commands.addCommand(CommandIDs.connectAgent, {
      label: trans.__('Connect an Agent…'),
      caption: trans.__('Let an agent of your own work on this notebook'),
      isEnabled: () => rooms.current !== null,
      execute: async () => {
        const room = rooms.current;
        if (room !== null) {
          const { showConnect } = await import('../agents/connect');
          await showConnect(room, app.serviceManager.serverSettings, trans);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.connectAgent, category: trans.__('Copilot') });
    rooms.currentChanged.connect(() => app.commands.notifyCommandChanged(CommandIDs.connectAgent));
  }
};
