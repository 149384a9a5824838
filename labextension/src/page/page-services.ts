import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Services } from '../ui/shared/services';
import { Icon } from './icons';
import { untrustedRenderer } from './untrusted';

/** What the page has of JupyterLab's own services, and of the notebook that is followed. */
export interface PageOptions {
  rendermime: IRenderMimeRegistry;
  languages: IEditorLanguageRegistry;
  trans: TranslationBundle;
  now: () => number;
  agentIcon?: (agentId: string) => string;
  picture?: (digest: string) => Promise<string | null>;
  cells: Pick<
    Services,
    | 'cellNumber'
    | 'cellName'
    | 'pointAtCell'
    | 'watchCells'
    | 'meantOf'
    | 'watchMeant'
    | 'goToCell'
    | 'insertCode'
    | 'insertText'
    | 'replaceCode'
    | 'undoing'
  >;
  copy: (text: string) => void;
}

/** The components' services, drawn from JupyterLab's. */
export function pageServices(options: PageOptions): Services {
  const { rendermime, languages, trans, now, agentIcon, picture, cells, copy } = options;
  const renderer = untrustedRenderer(rendermime, trans);
  return {
    trans,
    Icon,
    now,
    agentIcon,
    picture,
    copy,
    ...cells,
    markdown: (source, keep) => renderer.markdown(source, keep),
    markdownAtOnce: source => renderer.markdownAtOnce(source),
    terminal: text => renderer.terminal(text),
    typeset: host => renderer.typeset(host),
    highlight: async (code, language, host) => {
      const found = languages.findBest(language);
      if (found === null) {
        host.textContent = code;
        return;
      }
      await languages.highlight(code, found, host);
    }
  };
}
