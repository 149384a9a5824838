/**
 * A client of one room: it greets, folds what comes, and comes back to where it was after a loss.
 *
 * It applies first and then advances its cursor, which is the folded state's own `log` and `seq`. A gap makes it ask
 * again; it never guesses. It runs wherever `Environment` can be given, and knows nothing of JupyterLab.
 */
import { CommandQueue } from './commands';
import type { Pending } from './commands';
import { decodeServerFrame } from '../protocol/decode';
import type { Environment } from './environment';
import { Gap, RejectedError } from '../protocol/errors';
import { NotebookReplies } from './notebook-parts';
import type { Outbox } from './outbox';
import { CLOSE_PROTOCOL, MAX_FRAME_BYTES, PROTOCOL_VERSION } from '../protocol';
import type {
  ClientFrame,
  ClientId,
  ClientPresence,
  Closing,
  Command,
  CommandId,
  Hello,
  JsonObject,
  Participant,
  Problem,
  ReadRequest,
  Reject,
  Retry,
  RoomState,
  ServerFrame,
  Welcome
} from '../protocol';
import { Replica } from '../core/replica';
import type { StateChange } from '../core/replica';
import { ReconnectingSocket, retryFor } from './socket';
import type { CloseReason, SocketState } from './socket';

/** Bytes of a command frame around its command, generously. */
const FRAME_BYTES = 200;

/** Where the client stands. `live`: everything is here and commands go out at once. */
export type Connection =
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'syncing' }
  | { readonly status: 'live' }
  | { readonly status: 'waiting'; readonly retryAt: number; readonly reason: string }
  | {
      readonly status: 'stopped';
      readonly code: number;
      readonly reason: string;
      readonly retry: Retry;
    };

/** What the client tells; all are called after the client's own fields are up to date. */
export interface ClientHandlers {
  onState?(change: StateChange): void;
  onConnection?(connection: Connection): void;
  onParticipants?(participants: readonly Participant[]): void;
  onPending?(pending: readonly Pending[]): void;
  /** The notebook was renamed or moved; this connection goes on. */
  onPath?(path: string): void;
  /** Something that people should know. */
  onProblem?(problem: Problem): void;
  /** A command of an earlier page was refused. */
  onRefused?(command: Command, error: RejectedError): void;
  /** Give the notebook as this tab shows it. */
  onReadRequest?(): Promise<NotebookReading>;
}

/** The notebook as a tab shows it at this moment. */
export interface NotebookReading {
  /** Another one after each change of the notebook; null where changes are not counted. */
  readonly revision: string | null;
  /** The notebook in nbformat's JSON. */
  json(): JsonObject;
}

export interface ClientOptions {
  readonly url: () => string;
  readonly clientId: ClientId;
  /** Proves, when the connection comes back, that it is this client, as everybody can say its id. */
  readonly secret?: string;
  readonly surface: NonNullable<Hello['surface']>;
  readonly environment: Environment;
  readonly outbox: Outbox;
  readonly newId: () => CommandId;
  readonly handlers: ClientHandlers;
  readonly diagnose?: () => Promise<CloseReason | null>;
}

export class RoomClient {
  private readonly socket: ReconnectingSocket;
  private readonly commands: CommandQueue;
  private readonly replies = new NotebookReplies();
  private readonly replica = new Replica();
  private _welcome: Welcome | null = null;
  private _connection: Connection = { status: 'connecting', attempt: 1 };
  private _participants: readonly Participant[] = [];
  private presence: ClientPresence | null = null;
  private clockOffset = 0;
  /** Counts connections, so that an answer goes to the one that asked. */
  private generation = 0;
  /** Times that something was missing, since the client was last live. */
  private gaps = 0;
  private closing: Closing | null = null;
  private storeFailed = false;

  constructor(private readonly options: ClientOptions) {
    const { environment, outbox, newId, handlers } = options;
    this.commands = new CommandQueue({
      environment,
      outbox,
      newId,
      send: (command_id, command) => this.send({ type: 'command', command_id, command }),
      onChange: () => handlers.onPending?.(this.commands.pending),
      onRefused: (command, error) => handlers.onRefused?.(command, error),
      onStoreError: () => this.storeError()
    });
    this.socket = new ReconnectingSocket({
      url: options.url,
      environment,
      diagnose: options.diagnose,
      handlers: {
        onOpen: () => this.greet(),
        onText: text => this.receive(text),
        onState: state => this.socketState(state)
      }
    });
  }

  /** The folded state; null until the room was first seen whole. */
  get state(): RoomState | null {
    return this.replica.state;
  }

  /** The server's last greeting: who this is, and the limits. */
  get welcome(): Welcome | null {
    return this._welcome;
  }

  get connection(): Connection {
    return this._connection;
  }

  /** Everybody who is here, as of the last word of the server. */
  get participants(): readonly Participant[] {
    return this._participants;
  }

  /** The commands without an answer, oldest first. */
  get pending(): readonly Pending[] {
    return this.commands.pending;
  }

  /** The server's clock, in unix ms. */
  now(): number {
    return this.options.environment.now() + this.clockOffset;
  }

  /** Connect; also again after having stopped. */
  start(): void {
    this.socket.start();
  }

  /** Leave. Commands without an answer are rejected here, and kept for the next client. */
  dispose(): void {
    this.socket.dispose();
    this.commands.close();
    this.options.outbox.close();
  }

  /**
   * Send a command, now or once there is a connection. Resolves with the seq of its last record, which is folded by
   * then. Rejects with `RejectedError`, or with `ClientClosedError` when this client ends before the answer.
   */
  async submit(command: Command): Promise<number> {
    const limit = this._welcome?.limits.frame_bytes ?? MAX_FRAME_BYTES;
    const bytes = new TextEncoder().encode(JSON.stringify(command)).length + FRAME_BYTES;
    if (bytes > limit) {
      const message = `This is too large to send: ${bytes} bytes, where ${limit} are allowed.`;
      throw new RejectedError({ code: 'too_large', message, retry: 'never', hint: 'Send less.' });
    }
    return this.commands.submit(command);
  }

  /** Say what others see of this client, now and after each reconnect. */
  setPresence(presence: Omit<ClientPresence, 'type'>): void {
    this.presence = { type: 'presence', ...presence };
    if (this._connection.status === 'live') {
      this.send(this.presence);
    }
  }

  // The connection

  private send(frame: ClientFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  private greet(): void {
    this.generation += 1;
    this.closing = null;
    const { clientId: client_id, surface, secret } = this.options;
    const { cursor } = this.replica;
    const hello = { protocol: PROTOCOL_VERSION, client_id, surface, cursor } as const;
    this.send({ type: 'hello', ...hello, ...(secret !== undefined && { secret }) });
    this.enter({ status: 'syncing' });
  }

  private socketState(state: SocketState): void {
    if (state.status === 'idle' || state.status === 'open') {
      return; // `greet` tells of an open one
    }
    this.left();
    switch (state.status) {
      case 'connecting':
        return this.enter({ status: 'connecting', attempt: state.attempt });
      case 'waiting': {
        const reason = this.closing?.reason ?? '';
        return this.enter({ status: 'waiting', retryAt: state.retryAt, reason });
      }
      case 'stopped':
        return this.enter({ ...state, retry: retryFor(state.code) });
      default:
        state satisfies never;
    }
  }

  /** The connection is gone; what it brought of a state that goes on is true all the same. */
  private left(): void {
    this.replica.abandon();
    this.tell();
    this.commands.suspend();
    if (this._participants.length > 0) {
      this._participants = [];
      this.options.handlers.onParticipants?.([]);
    }
  }

  private enter(connection: Connection): void {
    this._connection = connection;
    this.options.handlers.onConnection?.(connection);
  }

  /** Come back to the cursor; if that did not help before, ask for everything. */
  private resync(forget: boolean): void {
    this.gaps += 1;
    if (forget || this.gaps > 1) {
      this.replica.forget();
    }
    this.socket.retry();
  }

  // Frames

  private receive(text: string): void {
    const decoded = decodeServerFrame(text);
    switch (decoded.kind) {
      case 'unknown':
        return;
      case 'malformed':
        this.problem('malformed_frame', `The server sent something unreadable: ${decoded.reason}.`);
        return this.resync(true);
      case 'frame':
        return this.handle(decoded.frame);
    }
  }

  /** Fold, and ask again when that fails; says whether it did not. */
  private folds(fold: () => void): boolean {
    try {
      fold();
      return true;
    } catch (error) {
      const isGap = error instanceof Gap;
      if (!isGap) {
        this.problem('fold_failed', `What the server sent could not be shown: ${String(error)}.`);
      }
      this.resync(!isGap);
      return false;
    }
  }

  private handle(frame: ServerFrame): void {
    const { handlers } = this.options;
    switch (frame.type) {
      case 'welcome':
        return this.welcomed(frame);
      case 'snapshot':
        return this.replica.replace(frame);
      case 'records':
        if (this.folds(() => this.replica.fold(frame)) && this._connection.status === 'live') {
          this.tell();
        }
        return;
      case 'live':
        return this.live(frame.seq);
      case 'ack':
        return this.commands.acked(frame.command_id, frame.seq);
      case 'reject':
        return this.rejected(frame);
      case 'presence':
        this._participants = frame.participants;
        return handlers.onParticipants?.(frame.participants);
      case 'heartbeat':
        this.clockOffset = frame.now - this.options.environment.now();
        return;
      case 'read_request':
        return void this.answer(frame);
      case 'path_changed':
        return this.moved(frame.path);
      case 'notice':
        return handlers.onProblem?.(frame.problem);
      case 'closing':
        return this.closed(frame);
      default:
        frame satisfies never;
    }
  }

  private welcomed(frame: Welcome): void {
    if (frame.protocol !== PROTOCOL_VERSION) {
      const reason = `The server speaks protocol ${frame.protocol}, this page speaks ${PROTOCOL_VERSION}.`;
      return this.socket.stop(CLOSE_PROTOCOL, reason);
    }
    const before = this._welcome?.path ?? frame.path;
    this._welcome = frame;
    this.clockOffset = frame.now - this.options.environment.now();
    this.replica.begin(frame.log);
    if (before !== frame.path) {
      this.moved(frame.path);
    }
  }

  private live(seq: number): void {
    const you = this._welcome?.you;
    if (!this.folds(() => this.replica.settle(seq)) || you === undefined) {
      return;
    }
    if (this._connection.status === 'live') {
      return this.tell(); // a snapshot came in between, because this client was slow
    }
    this.gaps = 0;
    this.socket.settle();
    this.enter({ status: 'live' });
    this.tell();
    if (this.presence !== null) {
      this.send(this.presence);
    }
    this.commands.resume(you.id, () => this.replica.state);
  }

  private tell(): void {
    const change = this.replica.changes();
    if (change !== null) {
      this.options.handlers.onState?.(change);
    }
  }

  private rejected(frame: Reject): void {
    if (frame.command_id !== null) {
      this.commands.rejected(frame.command_id, frame);
    } else {
      this.problem(frame.code, frame.message, frame.hint);
    }
    if (frame.retry === 'resync') {
      this.resync(true);
    }
  }

  private moved(path: string): void {
    if (this._welcome !== null) {
      this._welcome = { ...this._welcome, path };
    }
    this.options.handlers.onPath?.(path);
  }

  private closed(frame: Closing): void {
    this.closing = frame;
    if (frame.retry === 'resync') {
      return this.resync(true);
    }
    return frame.retry === 'after'
      ? this.socket.retry()
      : this.socket.stop(frame.code, frame.reason);
  }

  private async answer({ request_id, known }: ReadRequest): Promise<void> {
    const { generation } = this;
    const read = this.options.handlers.onReadRequest;
    const replies = await (read?.() ?? Promise.reject(new Error('This client shows no notebook.')))
      .then(reading => this.replies.of(reading, known ?? null))
      .catch((error: unknown) => [
        { error: error instanceof Error ? error.message : String(error) }
      ]);
    if (generation === this.generation) {
      replies.forEach(reply => this.send({ type: 'read_reply', request_id, ...reply }));
    }
  }

  private storeError(): void {
    if (!this.storeFailed) {
      this.storeFailed = true;
      this.problem(
        'outbox_unavailable',
        'This browser keeps nothing for this page: what waits to be sent is lost when the tab is closed.'
      );
    }
  }

  private problem(code: string, message: string, hint = ''): void {
    this.options.handlers.onProblem?.({ code, message, hint });
  }
}
