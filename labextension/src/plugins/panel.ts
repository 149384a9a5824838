import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { pageParts } from '../page/page-parts';
import { CopilotPanel } from '../page/panel';
import { Providers } from '../model/providers';
import { toolServers } from '../model/tool-servers';
import { IRooms, type Rooms } from '../model/rooms';
import { ICopilotPanel } from '../tokens';

const RANK = 850;

/** The sidebar on the right. */
export const panel: JupyterFrontEndPlugin<ICopilotPanel> = {
  id: 'jupyter-collaborative-copilot:panel',
  description: 'The panel of the shared copilot.',
  autoStart: true,
  requires: [IRooms, IRenderMimeRegistry, IEditorLanguageRegistry],
  optional: [ITranslator, ILayoutRestorer],
  provides: ICopilotPanel,
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const widget: CopilotPanel = new CopilotPanel({
      ...pageParts(app, rendermime, languages, trans),
      connectModel: () => widget.showModels(),
      providers: new Providers(app.serviceManager.serverSettings),
      toolServers: wish => toolServers(app.serviceManager.serverSettings, wish),
      rooms,
      newNotebook: () => newNotebook(app, trans),
      wasWidened: once('jupyter-collaborative-copilot:widened')
    });
    widget.reveal = () => app.shell.activateById(widget.id);
    app.shell.add(widget, 'right', { rank: RANK, type: 'Copilot' });
    restorer?.add(widget, widget.id);
    return widget;
  }
};

function newNotebook({ commands }: JupyterFrontEnd, trans: TranslationBundle): void {
  commands
    .execute('notebook:create-new')
    .catch((error: unknown) =>
      Notification.error(trans.__('The notebook could not be created: %1', String(error)))
    );
}

/** Whether this was asked before in this browser. */
function once(key: string): () => boolean {
  return () => {
    const before = localStorage.getItem(key) !== null;
    localStorage.setItem(key, '1');
    return before;
  };
}
