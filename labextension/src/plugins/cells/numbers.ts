import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { IRooms, type Rooms } from '../../model/rooms';
import { inNextFrame } from '../../notebook/next-frame';

/** Gives each cell the number by which people and agents speak of it; it is drawn while the sidebar is open. */
export const numbers: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:cell-numbers',
  description: 'Numbers beside the cells of a notebook.',
  autoStart: true,
  requires: [IRooms],
  activate: (_app, rooms: Rooms) => {
    rooms.forEach(({ cells, panel: { content } }) => {
      // Not counted by the style sheet: cells that are out of sight may not be in the page.
      const draw = () =>
        content.widgets.forEach(({ node }, index) => {
          const number = String(index + 1);
          if (node.dataset.copilotNumber !== number) {
            node.dataset.copilotNumber = number;
          }
        });
      // The notebook tells of its cells before it has made their widgets.
      cells.changed.connect(inNextFrame(draw));
      draw();
    });
  }
};
