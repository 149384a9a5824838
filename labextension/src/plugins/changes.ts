import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';

import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';
import { CommandIDs } from '../page/command-ids';
import { IPageParts } from '../page/page-parts';
import { type PageParts, servicesFor } from '../page/room-panel';
import { drawWhenNeeded } from './draw-when-needed';

/** What agents changed in the cells of a notebook; loaded with the first call that changes something. */
export const changes: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:changes',
  description: 'Marks on the cells that agents changed, and the list of what they did.',
  autoStart: true,
  requires: [IRooms, IPageParts],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    parts: PageParts,
    palette: ICommandPalette | null
  ) => {
    const { trans } = parts;
    const servicesOf = ({ room, cells }: OpenNotebook) => servicesFor(room, cells, parts);
    const current = drawWhenNeeded(rooms, notebook => {
      const { model } = notebook.room;
      let since = 0;
      return {
        changed: model.stateChanged,
        isNeeded: () => {
          since ||= model.state === null ? 0 : model.now();
          return Object.values(model.state?.calls ?? {}).some(
            ({ effect, preview }) => effect !== 'read' && preview.cells.length > 0
          );
        },
        load: async () => {
          const { ChangedCells, showDiff } = await import('../after');
          const services = servicesOf(notebook);
          const show = (change: Parameters<typeof showDiff>[0]) => showDiff(change, services);
          return () => new ChangedCells(notebook, trans, since, show);
        }
      };
    });
    const list = async (notebook: OpenNotebook) => {
      const { listChanges } = await import('../after');
      await listChanges(notebook, app.serviceManager.serverSettings, servicesOf(notebook));
    };
    app.commands.addCommand(CommandIDs.listChanges, {
      label: trans.__('What Did Agents Do Here?'),
      caption: trans.__('List what agents changed and ran in this notebook, and who allowed it'),
      isEnabled: () => rooms.currentNotebook !== null,
      execute: () => {
        const notebook = rooms.currentNotebook;
        return (
          notebook &&
          list(notebook).catch((error: unknown) =>
            Notification.error(trans.__('The list could not be loaded: %1', String(error)))
          )
        );
      }
    });
    app.commands.addCommand(CommandIDs.reviewed, {
      label: trans.__('Mark All Changes as Reviewed'),
      isEnabled: () => rooms.currentNotebook !== null,
      execute: () => current()?.reviewAll()
    });
    for (const command of [CommandIDs.listChanges, CommandIDs.reviewed]) {
      palette?.addItem({ command, category: trans.__('Copilot') });
    }
  }
};
