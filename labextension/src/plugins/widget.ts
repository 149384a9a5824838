import { IJupyterWidgetRegistry } from '@jupyter-widgets/base';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { IPageParts } from '../page/page-parts';
import type { PageParts } from '../page/room-panel';
import { IRooms, type Rooms } from '../model/rooms';
import { MODULE, VERSION } from '../widget/names';
import { panelRenderer } from '../widget/rendered';

/** Before the text that stands beside it for those who cannot draw the panel. */
const RANK = 0;

/** Draws the panel that a kernel puts into the notebook. */
export const widget: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:widget',
  description: 'The panel of the shared copilot inside a notebook.',
  autoStart: true,
  requires: [IRooms, IPageParts, IRenderMimeRegistry],
  optional: [IJupyterWidgetRegistry],
  activate: (
    _app,
    rooms: Rooms,
    parts: PageParts,
    rendermime: IRenderMimeRegistry,
    registry: IJupyterWidgetRegistry | null
  ) => {
    const page = { rooms, parts };
    rendermime.addFactory(panelRenderer(page), RANK);
    registry?.registerWidget({
      name: MODULE,
      version: VERSION,
      exports: async () => {
        const { panelClasses } = await import('../widget/panel');
        return panelClasses(page);
      }
    });
  }
};
