import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { ISharedCodeCell } from '@jupyter/ydoc';
import type * as nbformat from '@jupyterlab/nbformat';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { JsonObject } from '../protocol';
import { IRooms, type Rooms } from '../rooms';
import type { FrontEndTool } from '../tokens';

const IMAGES = ['image/png', 'image/jpeg', 'image/svg+xml', 'image/gif'];

/** What the agent can have this page do besides editing and running cells. */
export const tools: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:tools',
  description: 'Tools of the front end for the copilot.',
  autoStart: true,
  requires: [IRooms],
  activate: (app: JupyterFrontEnd, rooms: Rooms) => {
    for (const tool of [
      openFile(app),
      goToCell(rooms),
      showMessage,
      runCommand(app, rooms),
      outputImage(rooms)
    ]) {
      rooms.registerTool(tool);
    }
  }
};

function openFile(app: JupyterFrontEnd): FrontEndTool {
  return {
    name: 'open_file',
    perform: async args => {
      await app.commands.execute('docmanager:open', { path: text(args, 'path') });
      return {};
    }
  };
}

function goToCell(rooms: Rooms): FrontEndTool {
  return {
    name: 'go_to_cell',
    perform: async args => {
      const id = text(args, 'cell_id');
      const cells = rooms.currentNotebook?.cells;
      if (cells === undefined || cells.number(id) === null) {
        throw new Error('The notebook with this cell is not in view.');
      }
      await cells.go({ id });
      return {};
    }
  };
}

const showMessage: FrontEndTool = {
  name: 'show_message',
  perform: async args => {
    Notification.info(text(args, 'text'), { autoClose: false });
    return {};
  }
};

/** Only commands that the person's settings name, and only after an approval. */
function runCommand(app: JupyterFrontEnd, rooms: Rooms): FrontEndTool {
  return {
    name: 'run_command',
    perform: async args => {
      const command = text(args, 'command');
      if (!rooms.preferences.values.allowedCommands.includes(command)) {
        throw new Error(`The settings do not allow the command ${command}.`);
      }
      await app.commands.execute(command, args.args as ReadonlyPartialJSONObject);
      return {};
    }
  };
}

function outputImage(rooms: Rooms): FrontEndTool {
  return {
    name: 'output_image',
    perform: async args => {
      const id = text(args, 'cell_id');
      for (const { panel } of rooms.open) {
        const cell = panel.model?.sharedModel.cells.find(each => each.getId() === id);
        const picture =
          cell?.cell_type === 'code' ? pictureIn((cell as ISharedCodeCell).outputs) : null;
        if (picture) {
          return { value: picture };
        }
      }
      throw new Error('No picture was found in the outputs of this cell.');
    }
  };
}

/** The first picture among a cell's outputs. */
function pictureIn(outputs: readonly nbformat.IOutput[]): { mime: string; data: string } | null {
  for (const output of outputs) {
    const bundle = (output.data ?? {}) as Record<string, unknown>;
    for (const mime of IMAGES) {
      const data = bundle[mime];
      if (typeof data === 'string') {
        return { mime, data };
      }
    }
  }
  return null;
}

function text(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`The argument ${name} is missing.`);
  }
  return value;
}
