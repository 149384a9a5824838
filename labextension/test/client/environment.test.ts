import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { browserEnvironment } from '../../src/client/environment';
import type { WakeUp } from '../../src/client/environment';

class PageSocket {
  static latest: PageSocket;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly send = vi.fn();
  readonly close = vi.fn();

  constructor(readonly url: string) {
    PageSocket.latest = this;
  }
}

function environment() {
  return browserEnvironment(PageSocket as unknown as typeof WebSocket, window);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a socket tells what happens to it', () => {
  const listener = { opened: vi.fn(), received: vi.fn(), closed: vi.fn() };
  const socket = environment().openSocket('ws://x', listener);
  PageSocket.latest.onopen?.();
  PageSocket.latest.onmessage?.({ data: 'text' });
  PageSocket.latest.onclose?.({ code: 4200, reason: 'bye' });
  socket.send('out');
  socket.close();
  expect(listener.opened).toHaveBeenCalledOnce();
  expect(listener.received).toHaveBeenCalledWith('text');
  expect(listener.closed).toHaveBeenCalledWith(4200, 'bye');
  expect(PageSocket.latest.send).toHaveBeenCalledWith('out');
  expect(PageSocket.latest.close).toHaveBeenCalledOnce();
});

it('a timer rings once, unless it was taken back', () => {
  const [rings, silent] = [vi.fn(), vi.fn()];
  environment().after(100, rings);
  environment().after(100, silent)();
  vi.advanceTimersByTime(1_000);
  expect([rings.mock.calls.length, silent.mock.calls.length]).toEqual([1, 0]);
});

it('a page notices the network, the focus and being seen again, until nobody listens', () => {
  const heard: WakeUp[] = [];
  const stop = environment().onWakeUp(kind => heard.push(kind));
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  visibility.mockReturnValue('visible');
  for (const name of ['offline', 'online', 'focus']) {
    window.dispatchEvent(new Event(name));
  }
  document.dispatchEvent(new Event('visibilitychange'));
  stop();
  window.dispatchEvent(new Event('online'));
  expect(heard).toEqual(['offline', 'online', 'awake', 'awake']);
});
