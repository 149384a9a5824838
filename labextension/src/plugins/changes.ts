import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { ChangedCells } from '../after';
import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';
import { CommandIDs } from '../page/command-ids';
import { pageParts } from '../page/page-parts';
import { servicesFor } from '../page/room-panel';

/** What agents changed in the cells of a notebook; loaded with the first call that changes something. */
export const changes: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:changes',
  description: 'Marks on the cells that agents changed, and the list of what they did.',
  autoStart: true,
  requires: [IRooms, IRenderMimeRegistry, IEditorLanguageRegistry],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const parts = pageParts(app, rendermime, languages, trans);
    const servicesOf = ({ room, cells }: OpenNotebook) => servicesFor(room, cells, parts);
    const drawn = new Map<OpenNotebook, ChangedCells>();
    rooms.forEach(notebook => {
      const { room, panel } = notebook;
      let since: number | null = null;
      const draw = async (from: number) => {
        const { ChangedCells, showDiff } = await import('../after');
        if (!panel.isDisposed) {
          const services = servicesOf(notebook);
          const show = (change: Parameters<typeof showDiff>[0]) => showDiff(change, services);
          drawn.set(notebook, new ChangedCells(notebook, trans, from, show));
        }
      };
      const begin = () => {
        const { state } = room.model;
        if (state !== null) {
          since ??= room.model.now();
          const calls = Object.values(state.calls);
          if (calls.some(call => call.effect !== 'read' && call.preview.cells.length > 0)) {
            room.model.stateChanged.disconnect(begin);
            void draw(since);
          }
        }
      };
      room.model.stateChanged.connect(begin);
      begin();
      panel.disposed.connect(() => {
        drawn.get(notebook)?.dispose();
        drawn.delete(notebook);
      });
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
            Notification.error(trans.__('The list could not be had: %1', String(error)))
          )
        );
      }
    });
    app.commands.addCommand(CommandIDs.reviewed, {
      label: trans.__('Mark All Changes as Reviewed'),
      isEnabled: () => rooms.currentNotebook !== null,
      execute: () => rooms.currentNotebook && drawn.get(rooms.currentNotebook)?.reviewAll()
    });
    for (const command of [CommandIDs.listChanges, CommandIDs.reviewed]) {
      palette?.addItem({ command, category: trans.__('Copilot') });
    }
  }
};
