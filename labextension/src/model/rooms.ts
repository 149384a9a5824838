import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { Drafts } from './drafts';
import type { Environment } from '../client/environment';
import { CopilotModel } from './copilot-model';
import { Inbox } from './inbox';
import { ModelList } from './model-list';
import { NotebookCells } from '../notebook/notebook-cells';
import type { OutboxStore, Tabs } from '../client/outbox';
import type { Hello } from '../protocol';
import type { Preferences } from './preferences';
import type { StateChange } from '../core/replica';
import { RoomView } from './room-view';
import type { FrontEndTool } from '../tokens';

export interface RoomsOptions {
  tracker: INotebookTracker;
  settings: ServerConnection.ISettings;
  surface: NonNullable<Hello['surface']>;
  store: OutboxStore;
  tabs: Tabs;
  storage: Storage;
  preferences: Preferences;
  /** By default the page's own. */
  environment?: Environment;
}

/** An open notebook with its room. */
export interface OpenNotebook {
  readonly panel: NotebookPanel;
  readonly cells: NotebookCells;
  readonly room: RoomView;
}

/** For the plugins of this extension; others use `ICopilot`, which is made of it. */
export const IRooms = new Token<Rooms>('jupyter-collaborative-copilot:IRooms');

/** The rooms of the notebooks that are open in this page: entered when a notebook opens, left when it closes. */
export class Rooms {
  constructor(private readonly options: RoomsOptions) {
    const { tracker, settings, storage } = options;
    this.models = new ModelList(settings);
    this.inbox = new Inbox(settings, () => this.preferences.values.notifications !== 'off');
    this.drafts = new Drafts(storage);
    tracker.widgetAdded.connect((_, panel) => this.enter(panel));
    tracker.forEach(panel => this.enter(panel));
    tracker.currentChanged.connect(this.onCurrent, this);
  }

  /** The room of the notebook that is current; null when none is. */
  get current(): RoomView | null {
    return this.currentNotebook?.room ?? null;
  }

  /** The notebook that is current, with its room; null when none is. */
  get currentNotebook(): OpenNotebook | null {
    const panel = this.options.tracker.currentWidget;
    return panel ? (this.notebooks.get(panel) ?? null) : null;
  }

  get currentChanged(): ISignal<this, RoomView | null> {
    return this._currentChanged;
  }

  /** A room was opened or closed. */
  get roomsChanged(): ISignal<this, void> {
    return this._roomsChanged;
  }

  /** The person's settings. */
  get preferences(): Preferences {
    return this.options.preferences;
  }

  /** The open notebooks. */
  get open(): Iterable<OpenNotebook> {
    return this.notebooks.values();
  }

  /** The open notebook that a panel shows. */
  of(panel: NotebookPanel): OpenNotebook | undefined {
    return this.notebooks.get(panel);
  }

  /** Another view of a notebook's room, with a thread and drafts of its own; whoever asks for it disposes of it. */
  viewOf({ room }: OpenNotebook): RoomView {
    const { models } = this;
    const { preferences } = this.options;
    return new RoomView({ model: room.model, models, drafts: new Drafts(null), preferences });
  }

  /** Call with each notebook that is open, and with each that is opened later. */
  forEach(callback: (notebook: OpenNotebook) => void): void {
    this._entered.connect((_, notebook) => callback(notebook));
    for (const notebook of this.notebooks.values()) {
      callback(notebook);
    }
  }

  /** Call back with each change of any room's state, until disposed. */
  observe(callback: (room: CopilotModel, change: StateChange) => void): IDisposable {
    const slot = (_: this, [room, change]: [CopilotModel, StateChange]) => callback(room, change);
    this._stateChanged.connect(slot);
    return new DisposableDelegate(() => this._stateChanged.disconnect(slot));
  }

  /** Do what a tool of the agent does in this page, until disposed. Throws when another one has its name. */
  registerTool(tool: FrontEndTool): IDisposable {
    if (this.tools.has(tool.name)) {
      throw new Error(`A tool named ${tool.name} is registered already.`);
    }
    this.tools.set(tool.name, tool);
    return new DisposableDelegate(() => this.tools.delete(tool.name));
  }

  /** A tool by its name. */
  tool(name: string): FrontEndTool | undefined {
    return this.tools.get(name);
  }

  private enter(panel: NotebookPanel): void {
    const { settings, surface, store, tabs, preferences, environment } = this.options;
    const { models, drafts } = this;
    const { path } = panel.context;
    const model = new CopilotModel({ path, surface, settings, store, tabs, environment });
    const room = new RoomView({ model, models, drafts, preferences });
    const notebook = { panel, cells: new NotebookCells(panel), room };
    this.notebooks.set(panel, notebook);
    model.stateChanged.connect((_, change) => this._stateChanged.emit([model, change]));
    panel.disposed.connect(() => this.leave(panel));
    model.connect();
    this._roomsChanged.emit();
    this._entered.emit(notebook);
    this.onCurrent();
  }

  private leave(panel: NotebookPanel): void {
    const room = this.notebooks.get(panel)?.room;
    this.notebooks.delete(panel);
    room?.dispose();
    room?.model.dispose();
    this._roomsChanged.emit();
    this.onCurrent();
  }

  private onCurrent(): void {
    const { currentNotebook } = this;
    for (const notebook of this.notebooks.values()) {
      notebook.room.model.setPresence({ focused: notebook === currentNotebook });
    }
    this._currentChanged.emit(this.current);
  }

  /** What the server offers to answer with. */
  readonly models: ModelList;
  /** What waits in all rooms of the server. */
  readonly inbox: Inbox;
  private readonly drafts: Drafts;
  private readonly notebooks = new Map<NotebookPanel, OpenNotebook>();
  private readonly tools = new Map<string, FrontEndTool>();
  private readonly _stateChanged = new Signal<this, [CopilotModel, StateChange]>(this);
  private readonly _currentChanged = new Signal<this, RoomView | null>(this);
  private readonly _roomsChanged = new Signal<this, void>(this);
  private readonly _entered = new Signal<this, OpenNotebook>(this);
}

/** Whether nothing came but more of an answer's text: nobody else needs to look at the rest again. */
export function isOnlyText(change: StateChange): boolean {
  return (
    change.kind === 'records' &&
    change.records.every(({ event }) => /^(?:text|reasoning)_delta$/.test(event.type))
  );
}
