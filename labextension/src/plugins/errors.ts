import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCell } from '@jupyterlab/cells';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../page/command-ids';
import { attachErrorBar, type ErrorBar } from '../notebook/error-bar';
import { IRooms, type OpenNotebook, type Rooms } from '../model/rooms';

/** "Explain" and "Fix" below each error output. */
export const errors: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:errors',
  description: 'Explain and Fix buttons on error outputs.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, rooms: Rooms, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    rooms.forEach(notebook => watch(app, rooms, notebook, trans));
  }
};

function watch(
  app: JupyterFrontEnd,
  rooms: Rooms,
  { panel }: OpenNotebook,
  trans: TranslationBundle
): void {
  const bars = new Map<CodeCell, ErrorBar>();
  const { content } = panel;
  const { preferences } = rooms;
  const look = () => {
    for (const cell of content.widgets) {
      if (cell instanceof CodeCell && !bars.has(cell)) {
        const act = (command: string) => () => {
          content.activeCellIndex = content.widgets.indexOf(cell);
          void app.commands.execute(command);
        };
        const bar = attachErrorBar(cell, {
          label: trans.__('Copilot'),
          isWanted: () => preferences.values.errorButtons,
          actions: [
            { label: trans.__('Explain'), act: act(CommandIDs.explainError) },
            { label: trans.__('Fix'), act: act(CommandIDs.fixError) }
          ]
        });
        bars.set(cell, bar);
        cell.disposed.connect(() => {
          bars.delete(cell);
          bar.dispose();
        });
      }
    }
  };
  const refresh = () => bars.forEach(bar => bar.refresh());
  preferences.changed.connect(refresh);
  panel.disposed.connect(() => preferences.changed.disconnect(refresh));
  content.modelContentChanged.connect(look);
  void panel.context.ready.then(look);
}
