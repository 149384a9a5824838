/** What the client needs of the world around it. Tests bring their own; a page has `browserEnvironment`. */

/** What a socket tells. */
export interface SocketListener {
  opened(): void;
  /** A frame came: text, or something else that this protocol does not have. */
  received(data: unknown): void;
  /** Closed by anybody, or never opened. */
  closed(code: number, reason: string): void;
}

/** A WebSocket, as it is needed here. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** Something that a page notices and that makes a look at the connection worthwhile. */
export type WakeUp = 'online' | 'offline' | 'awake';

/** Timers that return how to take them back. */
export type Cancel = () => void;

export interface Environment {
  /** Begin to open a WebSocket; throws when the address is none. The listener is not called before this returns. */
  openSocket(url: string, listener: SocketListener): Socket;
  /** The time in unix ms. */
  now(): number;
  /** Call once after so many ms. */
  after(ms: number, callback: () => void): Cancel;
  /** A number from 0 up to 1. */
  random(): number;
  /** Be told of wake-ups. */
  onWakeUp(callback: (kind: WakeUp) => void): Cancel;
}

/** The environment of a page; `makeSocket` is the WebSocket that JupyterLab was configured with. */
export function browserEnvironment(makeSocket: typeof WebSocket, page: Window): Environment {
  return {
    openSocket: (url, listener) => openSocket(new makeSocket(url), listener),
    now: () => Date.now(),
    after: (ms, callback) => {
      const timer = page.setTimeout(callback, ms);
      return () => page.clearTimeout(timer);
    },
    random: () => Math.random(),
    onWakeUp: callback => listen(page, callback)
  };
}

function openSocket(socket: WebSocket, listener: SocketListener): Socket {
  socket.onopen = () => listener.opened();
  socket.onmessage = event => listener.received(event.data);
  socket.onclose = event => listener.closed(event.code, event.reason);
  return { send: text => socket.send(text), close: () => socket.close() };
}

function listen(page: Window, callback: (kind: WakeUp) => void): Cancel {
  const online = () => callback('online');
  const offline = () => callback('offline');
  const awake = () => {
    if (page.document.visibilityState === 'visible') {
      callback('awake');
    }
  };
  page.addEventListener('online', online);
  page.addEventListener('offline', offline);
  page.addEventListener('focus', awake);
  page.document.addEventListener('visibilitychange', awake);
  return () => {
    page.removeEventListener('online', online);
    page.removeEventListener('offline', offline);
    page.removeEventListener('focus', awake);
    page.document.removeEventListener('visibilitychange', awake);
  };
}
