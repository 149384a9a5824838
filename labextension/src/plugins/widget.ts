import { IJupyterWidgetRegistry } from '@jupyter-widgets/base';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { pageParts } from '../page/page-parts';
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
  requires: [IRooms, IRenderMimeRegistry, IEditorLanguageRegistry],
  optional: [IJupyterWidgetRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry,
    registry: IJupyterWidgetRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const page = { rooms, parts: pageParts(app, rendermime, languages, trans) };
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
