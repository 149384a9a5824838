import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';
import { CommandIDs } from '../page/command-ids';
import { pageParts } from '../page/page-parts';
import { servicesFor } from '../page/room-panel';
import type { NotebookReview } from '../review';
import { openChanges } from '../view-model/review/changes';

/** What is proposed, drawn in the cells that it is about; loaded with the first proposal. */
export const review: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:review',
  description: 'Review of proposals in the cells of a notebook.',
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
    const reviews = new Map<OpenNotebook, NotebookReview>();
    rooms.forEach(notebook => {
      const { room, cells, panel } = notebook;
      const draw = async () => {
        const { NotebookReview } = await import('../review');
        if (!panel.isDisposed) {
          const services = servicesFor(room, cells, parts);
          reviews.set(notebook, new NotebookReview(notebook, services, rooms.preferences));
        }
      };
      const begin = () => {
        if (rooms.preferences.values.reviewInCells && hasChanges(notebook)) {
          room.changed.disconnect(begin);
          void draw();
        }
      };
      room.changed.connect(begin);
      begin();
      panel.disposed.connect(() => {
        reviews.get(notebook)?.dispose();
        reviews.delete(notebook);
      });
    });
    const current = () => rooms.currentNotebook && reviews.get(rooms.currentNotebook);
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
