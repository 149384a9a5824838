import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';

import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';
import { CommandIDs } from '../page/command-ids';
import { IPageParts } from '../page/page-parts';
import { type PageParts, servicesFor } from '../page/room-panel';
import { openChanges } from '../view-model/review/changes';
import { drawWhenNeeded } from './draw-when-needed';

/** What is proposed, drawn in the cells that it is about; loaded with the first proposal. */
export const review: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:review',
  description: 'Review of proposals in the cells of a notebook.',
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
    const current = drawWhenNeeded(rooms, notebook => {
      const { room, cells } = notebook;
      return {
        changed: room.changed,
        isNeeded: () => rooms.preferences.values.reviewInCells && hasChanges(notebook),
        load: async () => {
          const { NotebookReview } = await import('../review');
          const services = servicesFor(room, cells, parts);
          return () => new NotebookReview(notebook, services, rooms.preferences);
        }
      };
    });
    const go = (step: 1 | -1, label: string) => ({
      label,
      isEnabled: () => rooms.currentNotebook !== null && hasChanges(rooms.currentNotebook),
      execute: () => current()?.go(step)
    });
    app.commands.addCommand(CommandIDs.nextChange, go(1, trans.__('Go to the Next Change')));
    app.commands.addCommand(
      CommandIDs.previousChange,
      go(-1, trans.__('Go to the Previous Change'))
    );
    for (const command of [CommandIDs.nextChange, CommandIDs.previousChange]) {
      palette?.addItem({ command, category: trans.__('Copilot') });
    }
  }
};

function hasChanges({ room }: OpenNotebook): boolean {
  const { state } = room.model;
  return state !== null && openChanges(state).length > 0;
}
