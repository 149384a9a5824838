import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { CopilotPanel } from '../panel';
import { IRooms, type Rooms } from '../rooms';
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
    const widget = new CopilotPanel({
      rooms,
      rendermime,
      languages,
      trans,
      contents: app.serviceManager.contents,
      copy: text => Clipboard.copyToSystem(text),
      newNotebook: newNotebook(app),
      connectModel: () => void explainModel(trans),
      signIn,
      wasWidened: once('jupyter-collaborative-copilot:widened')
    });
    widget.reveal = () => app.shell.activateById(widget.id);
    app.shell.add(widget, 'right', { rank: RANK, type: 'Copilot' });
    restorer?.add(widget, widget.id);
    return widget;
  }
};

function newNotebook(app: JupyterFrontEnd): () => void {
  return () => void app.commands.execute('notebook:create-new');
}

/** Sign in in another tab, so that nothing that is open here is lost. */
function signIn(): void {
  const next = encodeURIComponent(PageConfig.getBaseUrl());
  window.open(
    `${URLExt.join(PageConfig.getBaseUrl(), 'login')}?next=${next}`,
    '_blank',
    'noopener'
  );
}

function explainModel(trans: TranslationBundle): Promise<unknown> {
  return showDialog({
    title: trans.__('Connect a model'),
    body: trans.__(
      'Set OPENAI_API_KEY, or OPENAI_BASE_URL for an OpenAI-compatible server, where Jupyter is started, and start it again. The key stays on the server.'
    ),
    buttons: [Dialog.okButton()]
  });
}

/** Whether this was asked before in this browser. */
function once(key: string): () => boolean {
  return () => {
    const before = localStorage.getItem(key) !== null;
    localStorage.setItem(key, '1');
    return before;
  };
}
