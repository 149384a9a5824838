import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../page/command-ids';
import { copilotIcon } from '../page/icons';
import { ICopilotPanel } from '../tokens';

/** A card in the launcher: begin with a wish, and get the notebook. */
export const launcher: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:launcher',
  description: 'A card in the launcher that begins a notebook with a question to the copilot.',
  autoStart: true,
  requires: [ICopilotPanel],
  optional: [ILauncher, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    panel: ICopilotPanel,
    shown: ILauncher | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    const command = CommandIDs.begin;
    app.commands.addCommand(command, {
      label: trans.__('Ask the Copilot'),
      caption: trans.__('Open a new notebook whose first question is yours'),
      icon: copilotIcon,
      execute: () => panel.beginAnew()
    });
    // In the row of notebooks, the launcher draws a picture or a letter, and no icon.
    const kernelIconUrl = `data:image/svg+xml,${encodeURIComponent(copilotIcon.svgstr)}`;
    shown?.add({ command, category: trans.__('Notebook'), rank: 90, kernelIconUrl });
  }
};
