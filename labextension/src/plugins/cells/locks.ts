import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { cellLock } from '../../notebook/cell-locks';
import { IRooms, type Rooms } from '../../model/rooms';

const PADLOCK = 'jp-Copilot-padlock';

/** Shows which cells people keep from the copilot. */
export const locks: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:cell-locks',
  description: 'Padlocks on the cells that are locked or read-only for the copilot.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator],
  activate: (_app, rooms: Rooms, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    rooms.forEach(({ panel: { content } }) => {
      const draw = () => content.widgets.forEach(cell => show(cell, trans));
      const watch = () =>
        content.widgets.forEach(({ model }) => {
          model.metadataChanged.disconnect(draw);
          model.metadataChanged.connect(draw);
        });
      const all = () => {
        watch();
        draw();
      };
      content.modelContentChanged.connect(all);
      content.modelChanged.connect(all);
      all();
    });
  }
};

function show(cell: Cell, trans: TranslationBundle): void {
  const lock = cellLock(cell);
  const there = cell.node.querySelector<HTMLElement>(`:scope > .${PADLOCK}`);
  if (there?.dataset.lock === (lock ?? undefined)) {
    return;
  }
  there?.remove();
  if (lock === null) {
    return;
  }
  const padlock = document.createElement('span');
  padlock.className = PADLOCK;
  padlock.dataset.lock = lock;
  padlock.setAttribute('role', 'img');
  padlock.textContent = lock === 'locked' ? '🔒' : '🔏';
  padlock.title =
    lock === 'locked'
      ? trans.__('Locked: the copilot may read this cell, and nothing else')
      : trans.__('Read-only: the copilot may read and run this cell, not change it');
  padlock.setAttribute('aria-label', padlock.title);
  cell.node.append(padlock);
}
