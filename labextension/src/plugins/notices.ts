import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CopilotPanel } from '../page/panel';
import { IRooms, type Rooms } from '../model/rooms';
import { ICopilotPanel } from '../tokens';

/** Tells people what needs them in another notebook, or while they look elsewhere. */
export const notices: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:notices',
  description: 'Tells people that they are needed.',
  autoStart: true,
  requires: [IRooms, ICopilotPanel],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    panel: ICopilotPanel,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const waiting = new Map<string, string>();
    rooms.observe(model => {
      const ids = [...model.openConfirmations.map(c => c.confirmation_id)];
      const known = [...ids, ...Object.keys(model.state?.mentions ?? {})].join();
      if (waiting.get(model.path) !== known) {
        waiting.set(model.path, known);
        rooms.inbox.soon();
      }
    });
    void app.restored
      .then(() => import('../page/telling'))
      .then(({ Telling }) => {
        const telling = new Telling(app, rooms, panel, trans);
        if (panel instanceof CopilotPanel) {
          panel.go = item => void telling.go(item);
        }
      });
  }
};
