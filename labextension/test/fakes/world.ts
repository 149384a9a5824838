import type {
  Cancel,
  Environment,
  Socket,
  SocketListener,
  WakeUp
} from '../../src/client/environment';

/** A socket whose other end the test holds. */
export class FakeSocket implements Socket {
  readonly sent: unknown[] = [];
  closedByClient = false;

  constructor(
    readonly url: string,
    private readonly listener: SocketListener
  ) {}

  send(text: string): void {
    if (this.closedByClient) {
      throw new Error('sent on a closed socket');
    }
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closedByClient = true;
  }

  /** The frames sent since this was last asked. */
  take<T = { type: string }>(): T[] {
    return this.sent.splice(0) as T[];
  }

  open(): void {
    this.listener.opened();
  }

  say(...frames: unknown[]): void {
    for (const frame of frames) {
      this.listener.received(typeof frame === 'string' ? frame : JSON.stringify(frame));
    }
  }

  drop(code = 1006, reason = ''): void {
    this.listener.closed(code, reason);
  }
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time, chance and sockets in the hands of the test. */
export class FakeWorld implements Environment {
  time = 1_000_000;
  chance = 1;
  readonly sockets: FakeSocket[] = [];
  private readonly timers = new Set<Timer>();
  private readonly wakers = new Set<(kind: WakeUp) => void>();

  openSocket(url: string, listener: SocketListener): FakeSocket {
    if (!url.startsWith('ws')) {
      throw new SyntaxError(`no WebSocket address: ${url}`);
    }
    const socket = new FakeSocket(url, listener);
    this.sockets.push(socket);
    return socket;
  }

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): Cancel {
    const timer = { at: this.time + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  random(): number {
    return this.chance;
  }

  onWakeUp(callback: (kind: WakeUp) => void): Cancel {
    this.wakers.add(callback);
    return () => this.wakers.delete(callback);
  }

  /** The latest socket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) {
      throw new Error('no socket was opened');
    }
    return socket;
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  get listening(): number {
    return this.wakers.size;
  }

  wake(kind: WakeUp): void {
    this.wakers.forEach(waker => waker(kind));
  }

  /** Let time pass, and what is due happen in its order. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) {
        break;
      }
      this.timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = end;
  }
}

/** Let promises that are settled already be noticed. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
