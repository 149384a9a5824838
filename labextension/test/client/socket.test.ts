// @vitest-environment node
import { describe, expect, it } from 'vitest';
import {
  AWAKE_SILENCE_MS,
  OPENING_MS,
  FIRST_PAUSE_MS,
  ReconnectingSocket,
  SILENCE_MS,
  pauseAfter,
  retryFor
} from '../../src/client/socket';
import type { CloseReason, SocketState } from '../../src/client/socket';
import { FakeWorld, settled } from '../fakes/world';

function make(diagnose?: () => Promise<CloseReason | null>, url = 'ws://here/channel') {
  const world = new FakeWorld();
  const states: SocketState[] = [];
  const texts: string[] = [];
  const socket = new ReconnectingSocket({
    url: () => url,
    environment: world,
    diagnose,
    handlers: {
      onOpen: () => texts.push('<open>'),
      onText: text => texts.push(text),
      onState: state => states.push(state)
    }
  });
  socket.start();
  return { world, socket, states, texts };
}

function opened() {
  const made = make();
  made.world.socket.open();
  return made;
}

describe('pauses', () => {
  it('grow by a quarter each time, from three tenths of a second to ten seconds', () => {
    const pauses = [1, 2, 3, 4, 10, 16, 17, 50].map(failures => pauseAfter(failures, 1));
    expect(pauses).toEqual([300, 375, 469, 586, 2235, 8527, 10_000, 10_000]);
  });

  it('are shortened by chance, to a third at most', () => {
    expect([0, 0.25, 0.5].map(random => pauseAfter(1, random))).toEqual([100, 150, 200]);
    expect(pauseAfter(50, 0)).toBe(3333);
  });
});

describe('close codes', () => {
  it.each([
    [4000, 'never'],
    [4099, 'never'],
    [4100, 'reauth'],
    [4199, 'reauth'],
    [4200, 'after'],
    [4291, 'after'],
    [1006, 'after'],
    [1000, 'after']
  ])('%i means %s', (code, retry) => {
    expect(retryFor(code)).toBe(retry);
  });
});

describe('a socket', () => {
  it('comes back with growing pauses, and with short ones again once it was settled', () => {
    const { world, socket, states } = make();
    const pauses: number[] = [];
    const fail = () => {
      world.socket.drop();
      const state = states.at(-1);
      pauses.push(state?.status === 'waiting' ? state.retryAt - world.now() : -1);
      world.pass(pauses.at(-1) ?? 0);
    };
    fail();
    fail();
    fail();
    world.socket.open();
    fail();
    world.socket.open();
    socket.settle();
    fail();
    expect(pauses).toEqual([300, 375, 469, 586, 300]);
    expect(world.sockets).toHaveLength(6);
  });

  it('does not hear an earlier connection any more', () => {
    const { world, texts, states } = opened();
    const first = world.socket;
    world.pass(SILENCE_MS);
    const second = world.socket;
    second.open();
    first.say({ type: 'late' });
    first.drop(4001, 'late');
    expect(second).not.toBe(first);
    expect(first.closedByClient).toBe(true);
    expect(texts).toEqual(['<open>', '<open>']);
    expect(states.at(-1)).toEqual({ status: 'open' });
  });

  it('is taken for dead after forty seconds of silence, and replaced at once', () => {
    const { world } = opened();
    world.pass(SILENCE_MS - 1);
    world.socket.say({ type: 'heartbeat' });
    world.pass(SILENCE_MS - 1);
    expect(world.sockets).toHaveLength(1);
    world.pass(1);
    expect(world.sockets).toHaveLength(2);
  });

  it('keeps its place while the browser opens that of a kernel, which may take a minute', () => {
    const { world, states } = make();
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(states.at(-1)).toEqual({ status: 'connecting', attempt: 1 });
  });

  it('that does not open in time is tried anew', () => {
    const { world } = make();
    world.pass(OPENING_MS);
    expect(world.sockets).toHaveLength(2);
  });

  it('that was being opened when the network went away is tried anew once it is back', () => {
    const { world } = make();
    world.wake('offline');
    world.wake('online');
    expect(world.sockets).toHaveLength(2);
  });

  it('stops at a code that says so, and starts again when asked', () => {
    const { world, socket, states } = opened();
    world.socket.drop(4004, 'gone');
    world.wake('awake');
    world.pass(60_000);
    expect(states.at(-1)).toEqual({ status: 'stopped', code: 4004, reason: 'gone' });
    expect(world.sockets).toHaveLength(1);
    socket.start();
    expect(world.sockets).toHaveLength(2);
  });

  it('whose address is none stops with words', () => {
    const { states } = make(undefined, 'nonsense');
    expect(states.at(-1)).toMatchObject({ status: 'stopped', reason: /no WebSocket address/ });
  });

  it('drops what is sent while it is not open, and says so', () => {
    const { world, socket } = make();
    expect(socket.send('{}')).toBe(false);
    world.socket.open();
    expect(socket.send('{}')).toBe(true);
    expect(world.socket.sent).toEqual([{}]);
  });

  it('leaves nothing behind when it is disposed of', () => {
    const { world, socket, states } = opened();
    const before = states.length;
    socket.dispose();
    socket.start();
    expect(world.socket.closedByClient).toBe(true);
    expect([world.pendingTimers, world.listening, states.length]).toEqual([0, 0, before]);
  });
});

describe('waking up', () => {
  it.each(['online', 'awake'] as const)('%s ends a pause at once', kind => {
    const { world } = make();
    world.socket.drop();
    world.wake(kind);
    expect(world.sockets).toHaveLength(2);
  });

  it('replaces a connection that was silent for suspiciously long', () => {
    const { world } = opened();
    world.pass(AWAKE_SILENCE_MS);
    world.wake('awake');
    expect(world.sockets).toHaveLength(1);
    world.pass(1);
    world.wake('awake');
    expect(world.sockets).toHaveLength(2);
  });

  it('replaces a connection from before the network went away', () => {
    const { world } = opened();
    world.wake('online');
    expect(world.sockets).toHaveLength(1);
    world.wake('offline');
    world.wake('awake');
    expect(world.sockets).toHaveLength(1);
    world.wake('online');
    expect(world.sockets).toHaveLength(2);
  });

  it('tries again after a sign-in that may have happened elsewhere', () => {
    const { world } = opened();
    world.socket.drop(4100, 'expired');
    expect(world.sockets).toHaveLength(1);
    world.wake('awake');
    expect(world.sockets).toHaveLength(2);
  });
});

describe('a connection that never opened', () => {
  it('is asked about in another way, and stops when that tells why', async () => {
    const { world, states } = make(async () => ({ code: 4100, reason: 'signed out' }));
    world.socket.drop();
    await settled();
    expect(states.at(-1)).toEqual({ status: 'stopped', code: 4100, reason: 'signed out' });
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
  });

  it.each([
    ['there is no reason to stop', async () => null],
    ['nobody answers', () => Promise.reject(new TypeError('failed to fetch'))]
  ])('goes on trying when %s', async (_, diagnose) => {
    const { world, states } = make(diagnose);
    world.socket.drop();
    await settled();
    expect(states.at(-1)?.status).toBe('waiting');
    world.pass(FIRST_PAUSE_MS);
    expect(world.sockets).toHaveLength(2);
  });

  it('is not stopped by an answer that comes after another one opened', async () => {
    let answer: (refusal: CloseReason) => void = () => undefined;
    const { world, states } = make(() => new Promise(resolve => (answer = resolve)));
    world.socket.drop();
    world.pass(FIRST_PAUSE_MS);
    world.socket.open();
    answer({ code: 4004, reason: 'gone' });
    await settled();
    expect(states.at(-1)).toEqual({ status: 'open' });
  });
});
