import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Copilot } from '../model/copilot';
import { IRooms, type Rooms } from '../model/rooms';
import { ICopilot } from '../tokens';

/** Gives the copilot to other extensions. */
export const copilot: JupyterFrontEndPlugin<ICopilot> = {
  id: 'jupyter-collaborative-copilot:copilot',
  description: 'The shared copilot, for other extensions.',
  autoStart: true,
  requires: [IRooms],
  provides: ICopilot,
  activate: (_app, rooms: Rooms) => new Copilot(rooms)
};
