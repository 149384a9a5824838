import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';

import { IRooms, type Rooms } from '../model/rooms';
import { CommandIDs } from '../page/command-ids';
import { copilotIcon } from '../page/icons';
import { IPageParts } from '../page/page-parts';
import { type PageParts, servicesFor } from '../page/room-panel';
import { ICopilotPanel } from '../tokens';

const BUTTON = '.jp-cell-toolbar [data-jp-item-name="copilot-ask"]';
const IN_MENU = [
  CommandIDs.changeCell,
  CommandIDs.askAboutCell,
  null,
  CommandIDs.explainCell,
  CommandIDs.documentCell,
  CommandIDs.tidyCell,
  CommandIDs.testCell,
  null,
  CommandIDs.listChanges
];

/** What the copilot does with a cell, asked for and answered in the cell. */
export const prompt: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:prompt',
  description: 'A prompt in the cell, and what the copilot can do with a cell.',
  autoStart: true,
  requires: [IRooms, ICopilotPanel, IPageParts],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    panel: ICopilotPanel,
    parts: PageParts,
    palette: ICommandPalette | null
  ) => {
    const { trans } = parts;
    const ask = async (words: ((cell: string) => string) | null) => {
      const notebook = rooms.currentNotebook;
      const cell = notebook?.panel.content.activeCell;
      if (notebook && cell) {
        const { room, cells } = notebook;
        const services = servicesFor(room, cells, parts);
        const { promptIn } = await import('../prompt');
        const said = words?.(cells.attachmentOf(cell).label) ?? null;
        await promptIn(notebook, cell, services, () => panel.compose(), said);
      }
    };
    const hasCell = () => (rooms.currentNotebook?.cells.activeId ?? null) !== null;
    for (const [id, options] of Object.entries(cellCommands(ask, trans))) {
      app.commands.addCommand(id, { isEnabled: hasCell, ...options });
      palette?.addItem({ command: id, category: trans.__('Copilot') });
    }
    app.commands.addCommand(CommandIDs.cellMenu, {
      label: trans.__('Ask Copilot'),
      caption: trans.__('Ask Copilot'),
      icon: copilotIcon,
      isEnabled: hasCell,
      execute: () => openMenu(app.commands, rooms)
    });
    rooms.currentChanged.connect(() => app.commands.notifyCommandChanged(CommandIDs.cellMenu));
  }
};

type Ask = (words: ((cell: string) => string) | null) => Promise<void>;

function cellCommands(
  ask: Ask,
  trans: TranslationBundle
): Record<string, CommandRegistry.ICommandOptions> {
  return {
    [CommandIDs.changeCell]: {
      label: trans.__('Change This Cell…'),
      execute: () => ask(null)
    },
    [CommandIDs.documentCell]: {
      label: trans.__('Document This Cell'),
      execute: () =>
        ask(cell => trans.__('Document the code in %1 without changing what it does.', cell))
    },
    [CommandIDs.tidyCell]: {
      label: trans.__('Tidy This Cell'),
      execute: () => ask(cell => trans.__('Tidy %1 without changing what it does.', cell))
    },
    [CommandIDs.testCell]: {
      label: trans.__('Write a Test for This Cell'),
      execute: () =>
        ask(cell => trans.__('Write a test for the code in %1, in a new cell below it.', cell))
    },
    [CommandIDs.fixError]: {
      label: trans.__('Fix This Error'),
      execute: () => ask(cell => trans.__('Fix the error in %1.', cell))
    }
  };
}

/** All that can be asked about the active cell, at its button. */
function openMenu(commands: CommandRegistry, rooms: Rooms): void {
  const menu = new Menu({ commands });
  for (const command of IN_MENU) {
    menu.addItem(command === null ? { type: 'separator' } : { command });
  }
  const cell = rooms.currentNotebook?.panel.content.activeCell;
  const at = (cell?.node.querySelector(BUTTON) ?? cell?.node)?.getBoundingClientRect();
  menu.aboutToClose.connect(() => setTimeout(() => menu.dispose()));
  menu.open(at?.left ?? 0, at?.bottom ?? 0);
}
