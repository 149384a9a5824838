/**
 * A WebSocket that comes back: it reconnects with growing pauses, notices when it is dead, and stops when the server
 * says that coming back is no use.
 *
 * Everything belongs to one connection at a time: whatever an earlier one still says or does is not heard.
 */
import type { Cancel, Environment, Socket, SocketListener, WakeUp } from './environment';
import { CLOSE_BAD_FRAME } from '../protocol';
import type { Retry } from '../protocol';

/** Where the connection stands. */
export type SocketState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'open' }
  | { readonly status: 'waiting'; readonly attempt: number; readonly retryAt: number }
  | { readonly status: 'stopped'; readonly code: number; readonly reason: string };

/** Why a connection could not be opened, when asking in another way can tell: a close code and words. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

export interface SocketHandlers {
  /** A connection is open: greet. */
  onOpen(): void;
  /** A text frame came. */
  onText(text: string): void;
  onState(state: SocketState): void;
}

export interface SocketOptions {
  /** The address for the next connection. */
  readonly url: () => string;
  readonly environment: Environment;
  readonly handlers: SocketHandlers;
  /** Asked when a connection never opened, because a browser does not tell a page why; null when it should go on. */
  readonly diagnose?: () => Promise<CloseReason | null>;
}

export const FIRST_PAUSE_MS = 300;
export const LONGEST_PAUSE_MS = 10_000;
export const PAUSE_GROWTH = 1.25;
/** A connection that is silent for so long is dead: the server sends a heartbeat more often. */
export const SILENCE_MS = 40_000;
/** After a wake-up less silence is enough. */
export const AWAKE_SILENCE_MS = 20_000;
/**
 * How long a connection may take to open. A browser opens one at a time to each server: ours waits while that of a kernel
 * is opened, which Jupyter answers when the kernel is there, or after a minute. Who gives up before loses the place.
 */
export const OPENING_MS = 90_000;

/** What a client does after a close with this code; codes outside our ranges mean a lost network. */
export function retryFor(code: number): Retry {
  if (code >= 4000 && code < 4100) {
    return 'never';
  }
  return code >= 4100 && code < 4200 ? 'reauth' : 'after';
}

/**
 * The pause after so many failures: between a third of the longest and the longest one, by chance.
 *
 * The longest one grows by a quarter each time, so it stays at some three eighths of the time since the loss: whoever was
 * away for long is not back later than that, and a crowd that a restart cut off at once comes back spread over it.
 */
export function pauseAfter(failures: number, random: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** (failures - 1), LONGEST_PAUSE_MS);
  return Math.round((longest * (1 + 2 * random)) / 3);
}

export class ReconnectingSocket {
  private _state: SocketState = { status: 'idle' };
  private connection: Socket | null = null;
  private failures = 0;
  private lastHeard = 0;
  private wasOffline = false;
  private disposed = false;
  private cancelTimer: Cancel = () => undefined;
  private readonly stopListening: Cancel;

  constructor(private readonly options: SocketOptions) {
    this.stopListening = options.environment.onWakeUp(kind => this.wakeUp(kind));
  }

  get state(): SocketState {
    return this._state;
  }

  /** Connect now, also after having stopped. Nothing happens when a connection is open or being opened. */
  start(): void {
    if (!this.disposed && this.connection === null) {
      this.failures = 0;
      this.connect();
    }
  }

  /** Send a text; false when no connection is open, and the text is then dropped. */
  send(text: string): boolean {
    if (this._state.status !== 'open' || this.connection === null) {
      return false;
    }
    this.connection.send(text);
    return true;
  }

  /** The connection is as good as it gets: the next pause is a short one again. */
  settle(): void {
    this.failures = 0;
  }

  /** Leave this connection and come back after the pause that is due. */
  retry(): void {
    this.leave();
    this.pause();
  }

  /** Leave this connection for good, until `start` is called; `code` is one of the close codes. */
  stop(code: number, reason: string): void {
    this.leave();
    this.enter({ status: 'stopped', code, reason });
  }

  /** Close, silently and for ever. */
  dispose(): void {
    this.disposed = true;
    this.stopListening();
    this.leave();
  }

  private connect(): void {
    this.cancelTimer();
    this.enter({ status: 'connecting', attempt: this.failures + 1 });
    try {
      const { environment, url } = this.options;
      const socket: Socket = environment.openSocket(
        url(),
        this.listener(() => this.connection === socket)
      );
      this.connection = socket;
      this.watch(OPENING_MS);
    } catch (error) {
      this.stop(CLOSE_BAD_FRAME, error instanceof Error ? error.message : String(error));
    }
  }

  /** Listens for one connection: a late word of an earlier one must not tear the present one down. */
  private listener(isPresent: () => boolean): SocketListener {
    return {
      opened: () => isPresent() && this.opened(),
      received: data => isPresent() && this.received(data),
      closed: (code, reason) => isPresent() && this.closed(code, reason)
    };
  }

  private opened(): void {
    this.heard();
    this.enter({ status: 'open' });
    this.options.handlers.onOpen();
  }

  private received(data: unknown): void {
    this.heard();
    if (typeof data === 'string') {
      this.options.handlers.onText(data);
    }
  }

  private heard(): void {
    this.lastHeard = this.options.environment.now();
    this.watch(SILENCE_MS);
  }

  private watch(ms: number): void {
    this.cancelTimer();
    this.cancelTimer = this.options.environment.after(ms, () => this.lost());
  }

  private closed(code: number, reason: string): void {
    const neverOpened = this._state.status === 'connecting';
    this.leave();
    if (retryFor(code) !== 'after') {
      this.enter({ status: 'stopped', code, reason });
      return;
    }
    this.pause();
    if (neverOpened && this.options.diagnose !== undefined) {
      void this.ask(this.options.diagnose);
    }
  }

  private async ask(diagnose: () => Promise<CloseReason | null>): Promise<void> {
    const refusal = await diagnose().catch(() => null); // no answer: the network is gone, which waiting mends
    const failing = this._state.status === 'waiting' || this._state.status === 'connecting';
    if (refusal !== null && failing && !this.disposed) {
      this.stop(refusal.code, refusal.reason);
    }
  }

  /** The network took the connection without telling. */
  private lost(): void {
    this.leave();
    this.failures += 1;
    this.connect();
  }

  private pause(): void {
    this.failures += 1;
    const { environment } = this.options;
    const ms = pauseAfter(this.failures, environment.random());
    this.cancelTimer();
    this.cancelTimer = environment.after(ms, () => this.connect());
    this.enter({ status: 'waiting', attempt: this.failures, retryAt: environment.now() + ms });
  }

  private wakeUp(kind: WakeUp): void {
    if (kind === 'offline') {
      this.wasOffline = true;
      return;
    }
    const cameBack = kind === 'online' && this.wasOffline;
    this.wasOffline = this.wasOffline && kind !== 'online';
    switch (this._state.status) {
      case 'waiting':
        this.connect();
        return;
      case 'open': {
        const silence = this.options.environment.now() - this.lastHeard;
        if (cameBack || silence > AWAKE_SILENCE_MS) {
          this.lost();
        }
        return;
      }
      case 'stopped':
        if (retryFor(this._state.code) === 'reauth') {
          this.start(); // perhaps they have signed in again in another tab
        }
        return;
      case 'connecting':
        if (cameBack) {
          this.lost();
        }
        return;
      case 'idle':
        return;
    }
  }

  private leave(): void {
    this.cancelTimer();
    const socket = this.connection;
    this.connection = null;
    socket?.close();
  }

  private enter(state: SocketState): void {
    if (!this.disposed) {
      this._state = state;
      this.options.handlers.onState(state);
    }
  }
}
