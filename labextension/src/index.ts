import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

const placeholder: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:plugin',
  description: 'Proves that the labextension is built, found and activated.',
  autoStart: true,
  activate: (_app: JupyterFrontEnd) => {
    console.debug('jupyter-collaborative-copilot is active');
  }
};

export default [placeholder];
