/** One notebook's room as the widgets of a page use it: signals of what changed, and everything that a person can do. */
import type { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { fetchRecords, type RecordsPage } from '../client/records';
import { fetchPicture } from '../client/pictures';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { diagnose } from '../client/access';
import { RoomClient } from '../client/client';
import type { Connection, NotebookReading } from '../client/client';
import type { Pending } from '../client/commands';
import { browserEnvironment } from '../client/environment';
import type { Environment } from '../client/environment';
import type { RejectedError } from '../protocol/errors';
import { Outbox } from '../client/outbox';
import type { OutboxStore, Tabs } from '../client/outbox';
import { PresenceKeeper } from '../client/presence';
import type { Presence } from '../client/presence';
import type {
  CallId,
  Command,
  Hello,
  JsonObject,
  Open,
  Output,
  Participant,
  Problem,
  RoomState,
  Running,
  ThreadId,
  You
} from '../protocol';
import type { StateChange } from '../core/replica';
import { activeRun, openConfirmations } from '../core/state';
import { roomUrl, serverPath } from '../client/urls';

export interface CopilotModelOptions {
  /** The notebook's path, with or without the drive of jupyter-collaboration. */
  readonly path: string;
  readonly surface: NonNullable<Hello['surface']>;
  readonly settings: ServerConnection.ISettings;
  /** Where commands wait that have no answer yet; shared by the models of a page. */
  readonly store: OutboxStore;
  readonly tabs: Tabs;
  /** By default the page's own. */
  readonly environment?: Environment;
}

/** A command of an earlier page of this person, which the server refused. */
export interface Refused {
  readonly command: Command;
  readonly error: RejectedError;
}

/**
 * The room of one notebook.
 *
 * Every action resolves with the seq of its last record, once that is part of `state`, and rejects with a
 * `RejectedError` that has words for a person. Without a connection it waits, and survives a reload of the page.
 */
export class CopilotModel implements IDisposable {
  /** Which tab this is, in presence and in claims. */
  readonly clientId: string;
  /** Makes an id for something new; they sort by the time at which they were made. */
  readonly newId = (): string => uuidv7();
  /** Gives the notebook as this tab shows it; null when this tab does not show it. */
  readNotebook: (() => Promise<NotebookReading>) | null = null;

  private readonly client: RoomClient;
  private readonly outbox: Outbox;
  private readonly presence: PresenceKeeper;
  private _path: string;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, StateChange>(this);
  private readonly _connectionChanged = new Signal<this, Connection>(this);
  private readonly _participantsChanged = new Signal<this, readonly Participant[]>(this);
  private readonly _pendingChanged = new Signal<this, readonly Pending[]>(this);
  private readonly _pathChanged = new Signal<this, string>(this);
  private readonly _problem = new Signal<this, Problem>(this);
  private readonly _refused = new Signal<this, Refused>(this);

  constructor(private readonly options: CopilotModelOptions) {
    const { settings, store, tabs, surface } = options;
    const environment = options.environment ?? browserEnvironment(settings.WebSocket, window);
    this._path = serverPath(options.path);
    this.clientId = this.newId();
    this.outbox = new Outbox({ store, tabs, scope: this.scope(), owner: this.clientId });
    this.client = new RoomClient({
      url: () => roomUrl(settings.wsUrl, this._path, 'channel'),
      clientId: this.clientId,
      secret: uuidv4(),
      surface,
      environment,
      outbox: this.outbox,
      newId: this.newId,
      diagnose: () => diagnose(settings, this._path),
      handlers: {
        onState: change => this._stateChanged.emit(change),
        onConnection: connection => this._connectionChanged.emit(connection),
        onParticipants: participants => this._participantsChanged.emit(participants),
        onPending: pending => this._pendingChanged.emit(pending),
        onPath: path => this.follow(path),
        onProblem: problem => this._problem.emit(problem),
        onRefused: (command, error) => this._refused.emit({ command, error }),
        onReadRequest: () =>
          this.readNotebook?.() ?? Promise.reject(new Error('This tab does not show the notebook.'))
      }
    });
    this.presence = new PresenceKeeper(environment, shown => this.client.setPresence(shown));
  }

  // What there is to know

  /** The notebook's path on the server. */
  /** A picture that the room names by its digest, as base64; null when it is no longer kept. */
  picture(digest: string): Promise<string | null> {
    return fetchPicture(this.options.settings, this._path, digest);
  }

  /** A page of the room's record, from after a seq on. */
  records(after: number): Promise<RecordsPage> {
    return fetchRecords(this.options.settings, this._path, after);
  }

  get path(): string {
    return this._path;
  }

  /** The folded state, changed in place; its entries are replaced, never edited. Null until it was first seen whole. */
  get state(): RoomState | null {
    return this.client.state;
  }

  get connection(): Connection {
    return this.client.connection;
  }

  /** Who the server takes this person for, and what they may do; null before the first greeting. */
  get you(): You | null {
    return this.client.welcome?.you ?? null;
  }

  get participants(): readonly Participant[] {
    return this.client.participants;
  }

  /** The commands without an answer, oldest first. */
  get pending(): readonly Pending[] {
    return this.client.pending;
  }

  /** The server's clock, in unix ms. */
  now(): number {
    return this.client.now();
  }

  get stateChanged(): ISignal<this, StateChange> {
    return this._stateChanged;
  }

  get connectionChanged(): ISignal<this, Connection> {
    return this._connectionChanged;
  }

  get participantsChanged(): ISignal<this, readonly Participant[]> {
    return this._participantsChanged;
  }

  get pendingChanged(): ISignal<this, readonly Pending[]> {
    return this._pendingChanged;
  }

  /** The notebook was renamed or moved. */
  get pathChanged(): ISignal<this, string> {
    return this._pathChanged;
  }

  /** Something that people should know, and that belongs to no action of theirs. */
  get problem(): ISignal<this, Problem> {
    return this._problem;
  }

  /** A command that an earlier page left behind was refused or dropped. */
  get refused(): ISignal<this, Refused> {
    return this._refused;
  }

  /** Every confirmation that waits for a person, oldest first. */
  get openConfirmations(): readonly Open[] {
    return this.state === null ? [] : openConfirmations(this.state);
  }

  /** The run that is driven in the thread now. */
  activeRun(threadId: ThreadId): Running | null {
    return this.state === null ? null : activeRun(this.state, threadId);
  }

  // The connection

  /** Connect, or try again now. */
  connect(): void {
    this.client.start();
  }

  /** The notebook has another path now. The room follows, and so do the connection and what waits to be sent. */
  moveTo(path: string): void {
    const moved = serverPath(path);
    if (moved === this._path) {
      return;
    }
    this._path = moved;
    this.outbox.move(this.scope()).catch(() => undefined); // the store's failures were told already
    this._pathChanged.emit(moved);
    if (this.connection.status === 'stopped') {
      this.connect(); // it was not found at its old path, perhaps
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.presence.dispose();
      this.client.dispose();
      Signal.clearData(this);
    }
  }

  // What a person can do

  /** Send a command. */
  submit(command: Command): Promise<number> {
    return this.client.submit(command);
  }

  /** Tell the others what this tab shows; what is not named stays as it was. */
  setPresence(change: Partial<Omit<Presence, 'typing'>>): void {
    this.presence.set(change);
  }

  /** Tell the others that this person types; it ends by itself. */
  setTyping(threadId: ThreadId, typing: boolean): void {
    this.presence.typing(threadId, typing);
  }

  // Calls that this tab executes

  claim(callId: CallId, fence: number): Promise<number> {
    return this.submit({ type: 'claim_call', call_id: callId, fence });
  }

  /** Keep a claim; with `started`, the effect may begin once this resolves. */
  renewClaim(callId: CallId, fence: number, started: boolean): Promise<number> {
    return this.submit({ type: 'renew_claim', call_id: callId, fence, started });
  }

  reportOutput(callId: CallId, fence: number, output: Output): Promise<number> {
    return this.submit({ type: 'report_output', call_id: callId, fence, output });
  }

  report(callId: CallId, fence: number, result: JsonObject): Promise<number> {
    return this.submit({ type: 'report_call', call_id: callId, fence, result });
  }

  private scope(): string {
    return roomUrl(this.options.settings.baseUrl, this._path, 'channel');
  }

  /** The server names notebooks by their place in its file system where it has one; only a path of its API helps here. */
  private follow(path: string): void {
    if (!/^(\/|[A-Za-z]:\/|contents:)/.test(path)) {
      this.moveTo(path);
    }
  }
}
