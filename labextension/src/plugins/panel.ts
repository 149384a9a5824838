import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { PromiseDelegate } from '@lumino/coreutils';

import { IPageParts } from '../page/page-parts';
import { CopilotPanel } from '../page/panel';
import type { PageParts } from '../page/room-panel';
import { Providers } from '../model/providers';
import { toolServers } from '../model/tool-servers';
import { IRooms, type Rooms } from '../model/rooms';
import { ICopilotPanel } from '../tokens';

const RANK = 850;

/** The sidebar on the right. */
export const panel: JupyterFrontEndPlugin<ICopilotPanel> = {
  id: 'jupyter-collaborative-copilot:panel',
  description: 'The panel of the shared copilot.',
  autoStart: true,
  requires: [IRooms, IPageParts],
  optional: [ILayoutRestorer],
  provides: ICopilotPanel,
  activate: (
    app: JupyterFrontEnd,
    rooms: Rooms,
    parts: PageParts,
    restorer: ILayoutRestorer | null
  ) => {
    const widget: CopilotPanel = new CopilotPanel({
      ...parts,
      connectModel: () => widget.showModels(),
      compose: () => widget.compose(),
      providers: new Providers(app.serviceManager.serverSettings),
      toolServers: wish => toolServers(app.serviceManager.serverSettings, wish),
      rooms,
      kernels: () => kernelsOf(app),
      newNotebook: kernel => newNotebook(app, rooms, kernel),
      wasWidened: once('jupyter-collaborative-copilot:widened')
    });
    widget.reveal = () => app.shell.activateById(widget.id);
    app.shell.add(widget, 'right', { rank: RANK, type: 'Copilot' });
    restorer?.add(widget, widget.id);
    return widget;
  }
};

/** The kernels on offer, the server's default first. */
function kernelsOf({ serviceManager }: JupyterFrontEnd): { name: string; label: string }[] {
  const { specs } = serviceManager.kernelspecs;
  return Object.values(specs?.kernelspecs ?? {})
    .flatMap(spec => (spec ? [{ name: spec.name, label: spec.display_name }] : []))
    .sort((a, b) => Number(b.name === specs?.default) - Number(a.name === specs?.default));
}

/** Open a new notebook where the file browser stands, and wait until its room is the current one. */
async function newNotebook(app: JupyterFrontEnd, rooms: Rooms, kernel: string): Promise<void> {
  const before = rooms.currentNotebook;
  const current = new PromiseDelegate<void>();
  const look = () => {
    if (rooms.currentNotebook !== null && rooms.currentNotebook !== before) {
      current.resolve();
    }
  };
  rooms.currentChanged.connect(look);
  try {
    await app.commands.execute('notebook:create-new', kernel ? { kernelName: kernel } : {});
    look();
    await current.promise;
  } finally {
    rooms.currentChanged.disconnect(look);
  }
}

/** Whether this was asked before in this browser. */
function once(key: string): () => boolean {
  return () => {
    const before = localStorage.getItem(key) !== null;
    localStorage.setItem(key, '1');
    return before;
  };
}
