import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IPageParts, pageParts } from '../page/page-parts';
import type { PageParts } from '../page/room-panel';

/** What all that shows a room has of the page. */
export const page: JupyterFrontEndPlugin<PageParts> = {
  id: 'jupyter-collaborative-copilot:page',
  description: 'What the parts of the shared copilot have of the page around them.',
  requires: [IRenderMimeRegistry, IEditorLanguageRegistry],
  optional: [ITranslator],
  provides: IPageParts,
  activate: (
    app,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry,
    translator: ITranslator | null
  ) => pageParts(app, rendermime, languages, (translator ?? nullTranslator).load('jupyter_copilot'))
};
