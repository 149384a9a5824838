import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  CodeMirrorEditorFactory,
  CodeMirrorMimeTypeService,
  EditorExtensionRegistry,
  EditorLanguageRegistry
} from '@jupyterlab/codemirror';
import {
  type INotebookTracker,
  Notebook,
  type NotebookModel,
  type NotebookPanel
} from '@jupyterlab/notebook';
import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import { ServerConnection } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { MemoryStore } from '../../src/client/outbox';
import { unknownTabs } from '../../src/client/outbox-browser';
import { Preferences } from '../../src/model/preferences';
import type { ClientFrame, RoomState } from '../../src/protocol';
import { Rooms } from '../../src/model/rooms';
import { loaded } from './notebook';
import { FakeRoom } from './room';
import { FakeWorld, settled } from './world';

/** The part of a page's notebook tracker that is used, with notebooks that the test opens. */
class FakeTracker {
  readonly widgetAdded = new Signal<this, NotebookPanel>(this);
  readonly currentChanged = new Signal<this, NotebookPanel | null>(this);
  currentWidget: NotebookPanel | null = null;

  constructor(readonly panels: NotebookPanel[]) {}

  forEach(callback: (panel: NotebookPanel) => void): void {
    this.panels.forEach(callback);
  }

  focus(panel: NotebookPanel | null): void {
    this.currentWidget = panel;
    this.currentChanged.emit(panel);
  }
}

/** A notebook in a tab: JupyterLab's own model and widget, in a panel that is only what is needed of it. */
export interface FakeTab {
  readonly panel: NotebookPanel;
  readonly model: NotebookModel;
  readonly content: Notebook;
  readonly room: FakeRoom;
  close(): void;
}

/** A page of JupyterLab with the rooms of its notebooks; the test holds the server's end of their sockets. */
export class Page {
  readonly world = new FakeWorld();
  readonly commands = new CommandRegistry();
  readonly preferences = new Preferences();
  readonly tracker: FakeTracker;
  readonly rooms: Rooms;
  private readonly served = new Map<string, FakeRoom>();

  /** These notebooks are open before the rooms are made. */
  constructor(...before: NotebookPanel[]) {
    const { world, preferences } = this;
    this.tracker = new FakeTracker(before);
    this.rooms = new Rooms({
      tracker: this.tracker as unknown as INotebookTracker,
      settings: ServerConnection.makeSettings({
        baseUrl: 'http://here/',
        wsUrl: 'ws://here/',
        fetch: async () => new Response('{"models": []}')
      }),
      surface: 'lab',
      store: new MemoryStore(),
      tabs: unknownTabs,
      storage: localStorage,
      preferences,
      environment: world
    });
  }

  /** What plugins are given as the application. */
  get app(): JupyterFrontEnd {
    return { commands: this.commands } as JupyterFrontEnd;
  }

  /** Open a notebook with these code cells and make it the current one; its room is live with this state. */
  async open(path: string, sources: string[], state?: RoomState): Promise<FakeTab> {
    const room = new FakeRoom();
    room.path = path;
    room.state = state ?? room.state;
    this.served.set(`ws://here/api/copilot/notebooks/${path}/channel`, room);
    const model = loaded(...sources);
    const content = widgetOf(model);
    const panel = panelOf(path, model, content);
    this.tracker.panels.push(panel);
    this.tracker.widgetAdded.emit(panel);
    this.tracker.focus(panel);
    this.world.socket.open();
    await this.serve();
    return { panel, model, content, room, close: () => this.close(panel) };
  }

  /** Let another state be that of a notebook's room. */
  async show({ room }: FakeTab, state: RoomState): Promise<void> {
    room.state = { ...state, log: room.log };
    const socket = this.world.sockets.find(each => this.served.get(each.url) === room);
    socket?.say(room.snapshot(), room.live());
    await settled();
  }

  /** Answer what the page sent; returns that. */
  async serve(): Promise<ClientFrame[]> {
    await settled();
    const sent: ClientFrame[] = [];
    for (const socket of this.world.sockets) {
      for (const frame of socket.take<ClientFrame>()) {
        sent.push(frame);
        socket.say(...(this.served.get(socket.url)?.answer(frame, 'anna') ?? []));
      }
    }
    await settled();
    return sent;
  }

  private close(panel: NotebookPanel): void {
    this.tracker.panels.splice(this.tracker.panels.indexOf(panel), 1);
    this.tracker.focus(this.tracker.panels[0] ?? null);
    (panel.disposed as Signal<NotebookPanel, void>).emit();
  }
}

function widgetOf(model: NotebookModel): Notebook {
  const languages = new EditorLanguageRegistry();
  const extensions = new EditorExtensionRegistry();
  const editors = new CodeMirrorEditorFactory({ languages, extensions });
  const notebook = new Notebook({
    rendermime: new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    contentFactory: new Notebook.ContentFactory({ editorFactory: editors.newInlineEditor }),
    mimeTypeService: new CodeMirrorMimeTypeService(languages)
  });
  notebook.model = model;
  return notebook;
}

function panelOf(path: string, model: NotebookModel, content: Notebook): NotebookPanel {
  const ready = new PromiseDelegate<void>();
  ready.resolve();
  const panel = { content, node: content.node, model, isDisposed: false };
  const context = { path, model, ready: ready.promise, isReady: true, isDisposed: false };
  return Object.assign(panel, {
    context,
    sessionContext: { session: null, initialize: async () => false },
    disposed: new Signal(panel)
  }) as unknown as NotebookPanel;
}
