import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Token } from '@lumino/coreutils';

import { CommandIDs } from './command-ids';
import type { PageParts } from './room-panel';

/** For the plugins of this extension. */
export const IPageParts = new Token<PageParts>('jupyter-collaborative-copilot:IPageParts');

/** What every panel of this page shares. */
export function pageParts(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
  languages: IEditorLanguageRegistry,
  trans: TranslationBundle
): PageParts {
  return {
    rendermime,
    languages,
    trans,
    contents: app.serviceManager.contents,
    copy: text => Clipboard.copyToSystem(text),
    connectModel: () => void explainModel(trans),
    connectAgent: () => void app.commands.execute(CommandIDs.connectAgent),
    showServers: () => void app.commands.execute(CommandIDs.toolServers),
    signIn
  };
}

/** Sign in in another tab, so that nothing that is open here is lost. */
function signIn(): void {
  const base = PageConfig.getBaseUrl();
  window.open(
    `${URLExt.join(base, 'login')}?next=${encodeURIComponent(base)}`,
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
