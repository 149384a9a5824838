import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { NotebookCells } from '../notebook/notebook-cells';
import type { JsonObject } from '../protocol';
import type { FrontEndTool } from '../tokens';

/** JupyterLab cuts notifications after so many characters. */
const NOTIFIED_CHARS = 140;

/** Opens a file in a tab. */
export function openFile(commands: CommandRegistry): FrontEndTool {
  return {
    name: 'open_file',
    perform: async args => {
      await commands.execute('docmanager:open', { path: text(args, 'path') });
    }
  };
}

/** Scrolls to a cell of the notebook and lights it up. */
export const goToCell: FrontEndTool = {
  name: 'go_to_cell',
  perform: async (args, panel) => {
    const id = text(args, 'cell_id');
    const cells = new NotebookCells(panel);
    if (cells.number(id) === null) {
      throw new Error('The notebook in this tab has no such cell.');
    }
    await cells.go({ id });
  }
};

/** Shows a notification that stays until somebody closes it; a long one leads to all of its text. */
export function showMessage(trans: TranslationBundle): FrontEndTool {
  return {
    name: 'show_message',
    perform: async args => {
      const message = text(args, 'text');
      const isLong = message.length > NOTIFIED_CHARS;
      const actions = [{ label: trans.__('Show all'), callback: () => showAll(message, trans) }];
      Notification.info(message, { autoClose: false, actions: isLong ? actions : [] });
    }
  };
}

function showAll(message: string, trans: TranslationBundle): void {
  const body = new Widget({ node: document.createElement('p') });
  body.node.textContent = message;
  body.node.style.whiteSpace = 'pre-wrap';
  const buttons = [Dialog.okButton({ label: trans.__('Close') })];
  void showDialog({ title: trans.__('The copilot says'), body, buttons });
}

/** Runs a command of JupyterLab, if the person's settings name it; it comes here only after an approval. */
export function runCommand(
  commands: CommandRegistry,
  allowed: () => readonly string[]
): FrontEndTool {
  return {
    name: 'run_command',
    perform: async args => {
      const command = text(args, 'command');
      if (!allowed().includes(command)) {
        throw new Error(`The settings do not allow the command ${command}.`);
      }
      if (!commands.hasCommand(command)) {
        throw new Error(`This JupyterLab has no command ${command}.`);
      }
      await commands.execute(command, args.args as ReadonlyPartialJSONObject);
    }
  };
}

/** Takes a picture of a cell's outputs as the person sees them. */
export const outputImage: FrontEndTool = {
  name: 'output_image',
  perform: async (args, panel) => {
    const bounds = { width: amount(args, 'max_width'), height: amount(args, 'max_height') };
    const output = 'output' in args ? amount(args, 'output') : null;
    const { pictureOfOutput } = await import('../dom-snapshot/output'); // rarely needed, so not with the page
    const picture = await pictureOfOutput(panel, text(args, 'cell_id'), output, bounds);
    return { ...picture };
  }
};

function text(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`The argument ${name} is missing.`);
  }
  return value;
}

function amount(args: JsonObject, name: string): number {
  const value = args[name];
  if (typeof value !== 'number' || !(value > 0)) {
    throw new Error(`The argument ${name} is missing.`);
  }
  return value;
}
