import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { ICompletionProviderManager, IInlineCompleterFactory } from '@jupyterlab/completer';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import { InlineCompleters } from '../completion/accept-word';
import { CompletionIDs } from '../completion/command-ids';
import type { Completer } from '../completion/completer';
import { CompletionSwitch } from '../completion/completion-switch';
import { CompletionStatus } from '../completion/status-item';
import { Typing } from '../completion/typing';
import { askAt, offerOf } from '../completion/wire';
import { copilotIcon } from '../page/icons';
import { IRooms, type Rooms } from '../model/rooms';

const NONE = { items: [] };
/** JupyterLab's settings of a provider; its own defaults ask at each key and not inside of a line. */
const DEFAULTS = { enabled: true, debouncerDelay: 250, autoFillInMiddle: true, timeout: 10_000 };

/** Completes code at the cursor while people type, in cells, consoles and files. */
export const completion: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:completion',
  description: 'Completes code at the cursor.',
  autoStart: true,
  requires: [IRooms],
  optional: [
    ICompletionProviderManager,
    IInlineCompleterFactory,
    ITranslator,
    IStatusBar,
    ICommandPalette
  ],
  activate: (
    app: JupyterFrontEnd,
    { preferences, models }: Rooms,
    manager: ICompletionProviderManager | null,
    factory: IInlineCompleterFactory | null,
    translator: ITranslator | null,
    bar: IStatusBar | null,
    palette: ICommandPalette | null
  ) => {
    if (manager === null) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const settings = app.serviceManager.serverSettings;
    const now = () => performance.now();
    const switched = new CompletionSwitch(() => preferences.values, now);
    const typing = new Typing(document, now);
    let completer: Completer | null = null;
    const loaded = async () => {
      const made = await import('../completion/completer');
      completer ??= new made.Completer({
        ask: askAt(settings),
        tab: UUID.uuid4(),
        switched,
        typing,
        now
      });
      return completer;
    };
    // JupyterLab reads the settings of those alone that are there when it starts.
    manager.registerInlineProvider({
      identifier: 'jupyter-collaborative-copilot',
      name: trans.__('Copilot'),
      icon: copilotIcon,
      schema: { default: DEFAULTS },
      configure: () => undefined,
      fetch: async (request, context) =>
        switched.mode === 'off' ? NONE : (await loaded()).fetch(request, context),
      stream: async function* (token) {
        yield* (await loaded()).stream(token);
      }
    });

    const refresh = () =>
      void offerOf(settings)
        .then(offer => switched.take(offer))
        .catch(() => undefined); // the connection's own state tells of it
    void app.restored.then(refresh);
    models.changed.connect(refresh);
    preferences.changed.connect(() => {
      completer?.forget();
      switched.reconsider();
    });

    const about = async () => {
      const { showAbout } = await import('../completion/about');
      const chosen = await showAbout(switched, preferences.values, trans);
      if (chosen !== null) {
        await preferences.save({ ...chosen });
      }
    };
    const show = () =>
      void about().catch((error: unknown) =>
        Notification.error(trans.__('This could not be saved: %1', String(error)))
      );
    addCommands(app, factory === null ? null : new InlineCompleters(factory), show, trans);
    palette?.addItem({ command: CompletionIDs.about, category: trans.__('Copilot') });
    bar?.registerStatusItem('jupyter-collaborative-copilot:completion', {
      item: new CompletionStatus(switched, show, trans),
      align: 'right',
      rank: 99,
      isActive: () => switched.offer.models.length > 0,
      activeStateChanged: switched.changed
    });
  }
};

function addCommands(
  { commands }: JupyterFrontEnd,
  completers: InlineCompleters | null,
  show: () => void,
  trans: TranslationBundle
): void {
  completers?.takeKeys(commands);
  commands.addCommand(CompletionIDs.acceptWord, {
    label: trans.__('Accept the Next Word of the Completion'),
    execute: () => completers?.acceptWord()
  });
  commands.addCommand(CompletionIDs.about, {
    label: trans.__('Code Completion…'),
    caption: trans.__('Switch code completion on or off, and see what is sent'),
    execute: show
  });
}
