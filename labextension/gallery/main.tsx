import { EditorLanguageRegistry, jupyterHighlightStyle } from '@jupyterlab/codemirror';
import { createMarkdownParser } from '@jupyterlab/markedparser-extension';
import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { Gettext, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { StyleModule } from 'style-mod';

import german from '../../jupyter_copilot/locale/de_DE/LC_MESSAGES/jupyter_copilot.json';
import { Copilot, type CopilotActions } from '../src/ui/shell/copilot';
import { Begin } from '../src/ui/shell/begin';
import WaitingElsewhere from '../src/ui/inbox/waiting-elsewhere';
import { ServicesProvider } from '../src/ui/shared/services';
import { pageServices } from '../src/page/page-services';
import { NOW } from './fixtures';
import { type Exhibit, EXHIBITS } from './states';

const languages = new EditorLanguageRegistry();
EditorLanguageRegistry.getDefaultLanguages().forEach(language => languages.addLanguage(language));

// In JupyterLab the first editor brings the colours of code into the page.
StyleModule.mount(document, jupyterHighlightStyle.module!);

const asked = new URLSearchParams(location.search);

/** English, or German with `?lang=de`. */
function translation(): TranslationBundle {
  if (asked.get('lang') !== 'de') {
    return nullTranslator.load('jupyterlab');
  }
  const bundle = new Gettext({ locale: 'de_DE', domain: 'jupyter_copilot' });
  bundle.loadJSON(german as never, 'jupyter_copilot');
  return bundle as unknown as TranslationBundle;
}

const services = pageServices({
  rendermime: new RenderMimeRegistry({
    initialFactories: standardRendererFactories,
    markdownParser: createMarkdownParser(languages)
  }),
  languages,
  trans: translation(),
  now: () => NOW,
  copy: () => undefined,
  cells: {
    cellNumber: id => Number(/\d+/.exec(id)?.[0] ?? 0) || null,
    goToCell: () => undefined,
    insertCode: () => undefined,
    replaceCode: () => undefined
  }
});

const nothing = (): void => undefined;

const actions: CopilotActions = {
  onPick: nothing,
  onCreate: nothing,
  onRename: nothing,
  onArchive: nothing,
  onDecide: nothing,
  onDecideAll: nothing,
  onReview: nothing,
  onWithdraw: nothing,
  onRetry: nothing,
  onRewind: nothing,
  onContinue: nothing,
  onDiscard: nothing,
  onReconnect: nothing,
  onSignIn: nothing,
  onDraft: nothing,
  onSend: nothing,
  onAsk: nothing,
  onEarlier: async () => undefined,
  onEdit: nothing,
  onQueue: nothing,
  onStop: nothing,
  onTyping: nothing,
  onMode: nothing,
  onCommand: nothing,
  onModel: nothing,
  onAgent: nothing,
  onConnectModel: nothing,
  onDismiss: nothing,
  onAttach: nothing,
  suggest: () =>
    Promise.resolve([
      { kind: 'cell', label: 'cell 4', detail: 'df["flipper_length"].hist()' },
      { kind: 'variable', label: 'df', detail: 'DataFrame 344 × 7' },
      { kind: 'file', label: 'penguins.csv', detail: '' }
    ])
};

function Live({ exhibit }: { exhibit: Exhibit }): JSX.Element {
  const [draft, setDraft] = React.useState(exhibit.view.draft);
  if (exhibit.instead === 'no_notebook') {
    return (
      <section className="jp-Copilot">
        <Begin
          kernels={[{ name: 'python3', label: 'Python 3 (ipykernel)' }]}
          onBegin={async () => undefined}
        />
      </section>
    );
  }
  const { elsewhere = [] } = exhibit;
  const concerning = elsewhere.filter(item => item.concerns);
  return (
    <Copilot view={{ ...exhibit.view, draft }} actions={{ ...actions, onDraft: setDraft }}>
      <WaitingElsewhere concerning={concerning} all={elsewhere} onGo={nothing} />
    </Copilot>
  );
}

function Gallery({ exhibits }: { exhibits: Exhibit[] }): JSX.Element {
  return (
    <ServicesProvider value={services}>
      {exhibits.map(exhibit => (
        <figure key={exhibit.name} id={exhibit.name} style={{ width: exhibit.width ?? 340 }}>
          <figcaption>{exhibit.name}</figcaption>
          <div
            className="gallery-frame"
            dir={exhibit.rtl ? 'rtl' : undefined}
            style={{ height: exhibit.height }}
          >
            <Live exhibit={exhibit} />
          </div>
        </figure>
      ))}
    </ServicesProvider>
  );
}

const wanted = asked.get('only')?.split(',');
const shown = EXHIBITS.filter(e => (wanted ? wanted.includes(e.name) : !e.clicks));
createRoot(document.getElementById('gallery')!).render(<Gallery exhibits={shown} />);
document.body.dataset.clicked = EXHIBITS.filter(e => e.clicks)
  .map(e => e.name)
  .join(',');
setTimeout(() => {
  for (const exhibit of shown) {
    for (const selector of exhibit.clicks ?? []) {
      document.querySelector<HTMLElement>(`#${exhibit.name} ${selector}`)?.click();
    }
  }
  document.body.dataset.ready = 'true';
}, 700);
