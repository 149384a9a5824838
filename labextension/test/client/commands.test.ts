// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { ClientClosedError, RejectedError } from '../../src/protocol/errors';
import { MemoryStore } from '../../src/client/outbox';
import { FakeRoom } from '../fakes/room';
import { liveTab, post, Tab } from '../fakes/tab';

describe('commands', () => {
  it('resolve with the seq of their record, which is folded by then', async () => {
    const tab = await liveTab();
    const done = tab.client.submit(post('m'));
    await tab.serve();
    expect(await done).toBe(2);
    expect(tab.state.messages['m']).toMatchObject({ text: 'Hi' });
    expect(tab.client.pending).toEqual([]);
  });

  it('are rejected with code, words and details', async () => {
    const tab = await liveTab();
    const done = tab.client.submit({
      type: 'decide',
      confirmation_id: 'q',
      args_hash: 'h',
      option: 'confirm'
    });
    const caught = done.catch((error: unknown) => error);
    await tab.serve();
    const error = await caught;
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ code: 'already_decided', message: 'Refused: already_decided.' });
  });

  it('wait for a connection, and are sent in their order when it is there', async () => {
    const tab = new Tab(new FakeRoom());
    const done = ['a', 'b', 'c'].map(id => tab.client.submit(post(id)));
    expect(tab.client.pending.map(each => each.sent)).toEqual([false, false, false]);
    await tab.goLive();
    expect(await Promise.all(done)).toEqual([2, 4, 6]);
    expect(Object.keys(tab.state.messages)).toEqual(['a', 'b', 'c']);
  });

  it('whose answer was lost are sent again and take effect once', async () => {
    const tab = await liveTab();
    const done = tab.client.submit(post('m'));
    const [command] = tab.world.socket.take<never>();
    tab.room.answer(command!, 'anna'); // the answer never arrives
    tab.lose();
    const frames = await tab.goLive();
    expect(frames.filter(frame => frame.type === 'command')).toEqual([command]);
    expect(await done).toBe(2);
    expect([...tab.room.effects.values()]).toEqual([1]);
  });

  it('keep their order when the server asks to wait', async () => {
    const tab = await liveTab();
    tab.room.refuse = { code: 'rate_limited', retry: 'after' };
    const done = ['a', 'b', 'c'].map(id => tab.client.submit(post(id)));
    await tab.serve();
    expect(tab.client.pending).toHaveLength(3);
    tab.room.refuse = undefined;
    expect(await tab.serve()).toEqual([]);
    tab.world.pass(500);
    await tab.serve();
    expect(await Promise.all(done)).toEqual([2, 4, 6]);
  });

  it.each([
    ['after a reconnect', 1, false],
    ['once it has asked before', 4, true]
  ])('do not overtake one that has to wait %s', async (_, refuseTimes, online) => {
    const tab = new Tab(new FakeRoom());
    if (online) {
      await tab.goLive();
    }
    Object.assign(tab.room, { refuse: { code: 'rate_limited', retry: 'after' }, refuseTimes });
    const done = ['a', 'b', 'c'].map(id => tab.client.submit(post(id)));
    await (online ? tab.serve() : tab.goLive());
    for (let waits = 0; waits < 2; waits++) {
      tab.world.pass(1_000);
      await tab.serve();
    }
    expect(await Promise.all(done)).toEqual([2, 4, 6]);
  });

  it('wait longer each time that the server asks to', async () => {
    const tab = await liveTab();
    tab.room.refuse = { code: 'store_unavailable', retry: 'after' };
    const done = tab.client.submit(post('a'));
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      await tab.serve();
      const begin = tab.world.now();
      while (tab.world.socket.sent.length === 0 && tab.world.now() - begin < 30_000) {
        tab.world.socket.say({ type: 'heartbeat', now: 1 });
        tab.world.pass(100);
      }
      waits.push(tab.world.now() - begin);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    tab.room.refuse = undefined;
    await tab.serve();
    expect(await done).toBe(2);
  });

  it('survive a sign-in that ran out', async () => {
    const tab = await liveTab();
    tab.room.refuse = { code: 'unauthenticated', retry: 'reauth' };
    const done = tab.client.submit(post('a'));
    await tab.serve();
    tab.world.socket.say({ type: 'closing', code: 4100, reason: 'Signed out.', retry: 'reauth' });
    expect(tab.client.connection).toMatchObject({ status: 'stopped', retry: 'reauth' });
    tab.room.refuse = undefined;
    tab.client.start();
    await tab.goLive();
    expect(await done).toBe(2);
  });

  it('of one person are not sent as another', async () => {
    const tab = await liveTab();
    tab.lose();
    const done = tab.client.submit(post('a')).catch((error: unknown) => error);
    tab.person = 'bert';
    await tab.goLive();
    expect(await done).toMatchObject({ code: 'forbidden', message: /signed in as somebody else/ });
    expect(tab.room.effects.size).toBe(0);
  });

  it('larger than the server takes are refused here', async () => {
    const tab = await liveTab();
    await expect(tab.client.submit(post('m', '€'.repeat(4_000)))).rejects.toMatchObject({
      code: 'too_large'
    });
    expect(tab.client.pending).toEqual([]);
  });

  it('end with the client', async () => {
    const tab = await liveTab();
    const done = tab.client.submit(post('m')).catch((error: unknown) => error);
    tab.client.dispose();
    expect(await done).toBeInstanceOf(ClientClosedError);
  });

  it('made after the client’s end are told so, and sent by the next', async () => {
    const store = new MemoryStore();
    const tab = new Tab(new FakeRoom(), { store });
    await tab.goLive();
    tab.client.dispose();
    await expect(tab.client.submit(post('m'))).rejects.toBeInstanceOf(ClientClosedError);
    expect(tab.client.pending).toEqual([]);
    const next = new Tab(tab.room, { store, name: 'tab-2' });
    await next.goLive();
    await next.adoption;
    await next.serve();
    expect(Object.keys(next.state.messages)).toEqual(['m']);
  });

  it('are not sent twice on one connection', async () => {
    const tab = await liveTab();
    void tab.client.submit(post('a'));
    void tab.client.submit(post('b'));
    tab.world.socket.say({ type: 'ack', command_id: 'unknown', seq: 1 });
    const ids = (await tab.serve()).map(frame => frame.type === 'command' && frame.command_id);
    expect(new Set(ids).size).toBe(2);
    expect(ids).toHaveLength(2);
  });
});
