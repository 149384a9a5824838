import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { goToCell, openFile, outputImage, runCommand, showMessage } from '../executor/tools';
import { IRooms, type Rooms } from '../model/rooms';

/** What the agent can have this page do besides editing and running cells. */
export const tools: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:tools',
  description: 'Tools of the front end for the copilot.',
  autoStart: true,
  requires: [IRooms],
  optional: [ITranslator],
  activate: ({ commands }: JupyterFrontEnd, rooms: Rooms, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const allowed = () => rooms.preferences.values.allowedCommands;
    for (const tool of [
      openFile(commands),
      goToCell,
      showMessage(trans),
      outputImage,
      runCommand(commands, allowed)
    ]) {
      rooms.registerTool(tool);
    }
  }
};
