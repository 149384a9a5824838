import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../page/command-ids';
import { contextOf } from '../view-model/attachments';
import { copilotIcon } from '../page/icons';
import { IRooms, type Rooms } from '../model/rooms';
import { ICopilotPanel } from '../tokens';

const CARD = '.jp-Copilot-card';

/** Everything as a command with an id: for the palette, for menus, and for the shortcuts of the schema. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:commands',
  description: 'The commands of the shared copilot.',
  autoStart: true,
  requires: [IRooms, ICopilotPanel],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    panel: ICopilotPanel,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const all = { ...panelCommands(rooms, panel, trans), ...cellCommands(rooms, panel, trans) };
    for (const [id, options] of Object.entries(all)) {
      app.commands.addCommand(id, options);
      palette?.addItem({ command: id, category: trans.__('Copilot') });
    }
    rooms.observe(() => app.commands.notifyCommandChanged(CommandIDs.review));
    rooms.currentChanged.connect(() => app.commands.notifyCommandChanged());
  }
};

type Commands = Record<string, CommandRegistry.ICommandOptions>;

function panelCommands(rooms: Rooms, panel: ICopilotPanel, trans: TranslationBundle): Commands {
  const hasRoom = () => rooms.current !== null;
  const activeRun = () => {
    const room = rooms.current;
    return room?.model.activeRun(room.threadId) ?? null;
  };
  return {
    [CommandIDs.open]: {
      label: trans.__('Show the Copilot'),
      icon: copilotIcon,
      execute: () => panel.compose()
    },
    [CommandIDs.models]: {
      label: trans.__('Models of the Copilot…'),
      caption: trans.__('Set up whose models answer'),
      execute: () => panel.showModels()
    },
    [CommandIDs.toolServers]: {
      label: trans.__('Tool Servers of the Copilot…'),
      caption: trans.__(
        'See the servers whose tools the copilot has, and which of them are trusted'
      ),
      execute: () => panel.showServers()
    },
    [CommandIDs.compose]: {
      label: trans.__('Write to the Copilot'),
      isEnabled: hasRoom,
      execute: () => panel.compose()
    },
    [CommandIDs.review]: {
      label: trans.__('Go to the Next Decision'),
      caption: trans.__('Go to the oldest decision'),
      isEnabled: () => (rooms.current?.model.openConfirmations.length ?? 0) > 0,
      execute: () => panel.review()
    },
    [CommandIDs.approve]: {
      label: trans.__('Approve the Focused Decision'),
      isEnabled: () => focusedCard() !== null,
      execute: () => focusedCard()?.querySelector<HTMLElement>('.jp-mod-go')?.click()
    },
    [CommandIDs.deny]: {
      label: trans.__('Deny the Focused Decision'),
      isEnabled: () => focusedCard() !== null,
      execute: () => focusedCard()?.querySelector<HTMLElement>('[data-option="deny"]')?.click()
    },
    [CommandIDs.stop]: {
      label: trans.__('Stop the Copilot'),
      isEnabled: () => activeRun() !== null,
      execute: () => {
        const run = activeRun();
        if (run !== null) {
          rooms.current?.act({ type: 'cancel_run', run_id: run.run_id });
        }
      }
    },
    [CommandIDs.newThread]: {
      label: trans.__('New Copilot Chat'),
      isEnabled: hasRoom,
      execute: () => {
        rooms.current?.newThread(trans.__('New chat'));
        panel.compose();
      }
    }
  };
}

function cellCommands(rooms: Rooms, panel: ICopilotPanel, trans: TranslationBundle): Commands {
  const hasCell = () => (rooms.currentNotebook?.cells.activeId ?? null) !== null;
  const ask = (wholeCell: boolean) => () => {
    const notebook = rooms.currentNotebook;
    const added = notebook?.cells.attachment(wholeCell);
    if (notebook && added) {
      notebook.room.attach(added);
      panel.compose();
    }
  };
  const say = (words: (cell: string) => string) => () => {
    const notebook = rooms.currentNotebook;
    const added = notebook?.cells.attachment(true);
    if (notebook && added) {
      // Not through the draft, in which somebody may be writing something else.
      notebook.room.post(words(added.label), contextOf([added], notebook.cells.activeId));
      panel.compose();
    }
  };
  return {
    [CommandIDs.askAboutCell]: {
      label: trans.__('Ask Copilot About This Cell'),
      caption: trans.__('Ask Copilot'),
      icon: copilotIcon,
      isEnabled: hasCell,
      execute: ask(true)
    },
    [CommandIDs.askAboutSelection]: {
      label: trans.__('Ask Copilot About the Selection'),
      isEnabled: hasCell,
      execute: ask(false)
    },
    [CommandIDs.explainCell]: {
      label: trans.__('Explain This Cell'),
      isEnabled: hasCell,
      execute: say(cell => trans.__('Explain %1.', cell))
    },
    [CommandIDs.explainError]: {
      label: trans.__('Explain This Error'),
      isEnabled: hasCell,
      execute: say(cell => trans.__('Explain the error in %1.', cell))
    }
  };
}

/** The confirmation that has the focus: nothing is decided that nobody looks at. */
function focusedCard(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(CARD) ?? null;
}
