// @vitest-environment node
import { describe, expect, it, vi } from 'vitest';
import { FIRST_PAUSE_MS } from '../../src/client/socket';
import { FakeRoom } from '../fakes/room';
import { liveTab, post, Tab } from '../fakes/tab';
import { settled } from '../fakes/world';

function textOf(tab: Tab, message: string): string {
  const found = tab.state.messages[`${message}.r1.s1.a1`];
  return found?.status === 'streaming' ? found.text : '';
}

/** A tab that watches an answer that is being streamed. */
async function watching(): Promise<Tab> {
  const tab = await liveTab();
  const done = tab.client.submit(post('m'));
  await tab.serve();
  await done;
  const before = tab.state.seq;
  tab.room.beginAnswer('m');
  tab.room.say('m', 'One ');
  tab.world.socket.say(...tab.room.after(before));
  return tab;
}

describe('greeting', () => {
  it('names no cursor at first, and then the last record that was folded', async () => {
    const tab = new Tab(new FakeRoom());
    expect(await tab.goLive()).toEqual([
      { type: 'hello', protocol: 1, client_id: 'tab-1', surface: 'lab', cursor: null }
    ]);
    void tab.client.submit(post('m'));
    await tab.serve();
    tab.lose();
    const [hello] = await tab.goLive();
    expect(hello).toMatchObject({ type: 'hello', cursor: { log: 'log-1', seq: 2 } });
  });

  it('proves by its secret that it is the same client, at each connection', async () => {
    const tab = new Tab(new FakeRoom(), { secret: 's3cret' });
    expect(await tab.goLive()).toMatchObject([{ type: 'hello', secret: 's3cret' }]);
    tab.lose();
    expect((await tab.goLive())[0]).toMatchObject({ type: 'hello', secret: 's3cret' });
  });

  it('tells each stage of the connection in order', async () => {
    const tab = await liveTab();
    expect(tab.connections.map(each => each.status)).toEqual(['connecting', 'syncing', 'live']);
    tab.world.socket.drop();
    expect(tab.client.connection).toMatchObject({ status: 'waiting', retryAt: 1_000_300 });
  });

  it('shows a state only once it is whole', async () => {
    const tab = new Tab(new FakeRoom());
    tab.world.socket.open();
    tab.world.socket.say(tab.room.welcome('anna'), tab.room.snapshot());
    expect(tab.client.state).toBeNull();
    tab.world.socket.say(tab.room.live());
    expect(tab.state.seq).toBe(0);
    expect(tab.changes).toEqual([{ kind: 'snapshot' }]);
  });

  it('ends when the server speaks another protocol', () => {
    const tab = new Tab(new FakeRoom());
    tab.world.socket.open();
    tab.world.socket.say(tab.room.welcome('anna', { protocol: 2 }));
    expect(tab.client.connection).toMatchObject({ status: 'stopped', code: 4010, retry: 'never' });
  });

  it("sets the client's idea of the server's clock, and heartbeats keep it", async () => {
    const tab = await liveTab();
    expect(tab.client.now()).toBe(5_000_000);
    tab.world.pass(10_000);
    expect(tab.client.now()).toBe(5_010_000);
    tab.world.socket.say({ type: 'heartbeat', now: 5_010_500 });
    expect(tab.client.now()).toBe(5_010_500);
  });
});

describe('records', () => {
  it('are folded and told, one telling a frame', async () => {
    const tab = await watching();
    const told = tab.changes.at(-1);
    expect(told?.kind === 'records' && told.records.map(each => each.event.type)).toEqual([
      'run_started',
      'step_started',
      'text_delta'
    ]);
    expect(textOf(tab, 'm')).toBe('One ');
  });

  it('that came before are left out, whole frames and overlaps', async () => {
    const tab = await watching();
    const before = tab.state.seq;
    tab.room.say('m', 'two ');
    tab.world.socket.say(
      ...tab.room.after(before),
      ...tab.room.after(before),
      ...tab.room.after(0)
    );
    tab.room.say('m', 'three');
    const late = tab.room.records.slice(0, 3);
    tab.world.socket.say(...tab.room.after(before), { type: 'records', first: 1, records: late });
    expect(textOf(tab, 'm')).toBe('One two three');
    expect([tab.world.sockets.length, tab.status]).toEqual([1, 'live']);
  });

  it('of which one is missing make the client ask again from where it was', async () => {
    const tab = await watching();
    tab.room.say('m', 'two ');
    tab.room.say('m', 'three');
    tab.world.socket.say(...tab.room.after(tab.room.state.seq - 1));
    expect(textOf(tab, 'm')).toBe('One ');
    tab.world.pass(FIRST_PAUSE_MS);
    const [hello] = await tab.goLive();
    expect(hello).toMatchObject({ cursor: { seq: 5 } });
    expect(textOf(tab, 'm')).toBe('One two three');
  });

  it('of which one is missing again make it ask for everything', async () => {
    const tab = await watching();
    tab.room.say('m', 'two ');
    tab.room.say('m', 'three');
    for (let times = 0; times < 2; times++) {
      tab.world.socket.say(tab.room.welcome('anna'), ...tab.room.after(tab.room.state.seq - 1));
      tab.world.pass(1_000);
      tab.world.socket.open();
    }
    expect(textOf(tab, 'm')).toBe('One ');
    expect(await tab.serve()).toMatchObject([{ type: 'hello', cursor: null }]);
    expect(textOf(tab, 'm')).toBe('One two three');
  });

  it('whose deltas were merged for a slow reader skip seqs inside their frame', async () => {
    const tab = await watching();
    const first = tab.state.seq + 1;
    const [record] = tab.room.say('m', 'two three');
    tab.world.socket.say({ type: 'records', first, records: [{ ...record, seq: first + 4 }] });
    expect(textOf(tab, 'm')).toBe('One two three');
    expect(tab.state.seq).toBe(first + 4);
  });

  it('merged across the cursor cannot be cut in two: the client asks again', async () => {
    const tab = await watching();
    const before = tab.state.seq;
    const [record] = tab.room.say('m', 'One two ');
    tab.world.socket.say({ type: 'records', first: before - 1, records: [record] });
    expect(tab.status).toBe('waiting');
    expect(textOf(tab, 'm')).toBe('One ');
  });

  it('with unknown events advance the cursor', async () => {
    const tab = await liveTab();
    const actor = { kind: 'agent', id: 'a', name: 'A' };
    const record = { seq: 1, at: 1, actor, event: { type: 'confetti_thrown' } };
    tab.world.socket.say({ type: 'records', first: 1, records: [record] });
    expect(tab.state.seq).toBe(1);
  });
});

describe('coming back', () => {
  it('gets the records that it missed, and tells them at once', async () => {
    const tab = await watching();
    tab.lose();
    tab.room.say('m', 'two ');
    tab.room.say('m', 'three');
    const told = tab.changes.length;
    await tab.goLive();
    expect(textOf(tab, 'm')).toBe('One two three');
    expect(tab.changes.slice(told)).toMatchObject([{ kind: 'records' }]);
  });

  it('starts from a snapshot when the floor passed the cursor', async () => {
    const tab = await watching();
    tab.lose();
    tab.room.say('m', 'two');
    tab.room.compact();
    await tab.goLive();
    expect(textOf(tab, 'm')).toBe('One two');
    expect(tab.changes.at(-1)).toEqual({ kind: 'snapshot' });
  });

  it('starts from a snapshot when the log is another one, also with a lower head', async () => {
    const tab = await watching();
    tab.lose();
    const restored = new FakeRoom();
    restored.restore('log-2');
    restored.record({ type: 'thread_renamed', thread_id: 'main', title: 'Restored' });
    Object.assign(tab, { room: restored });
    await tab.goLive();
    expect(tab.state).toMatchObject({ log: 'log-2', seq: 1, messages: {} });
    expect(tab.state.threads['main']?.title).toBe('Restored');
  });

  it('folds the first records of another log into an empty room', async () => {
    const tab = await watching();
    tab.lose();
    const fresh = new FakeRoom();
    fresh.restore('log-2');
    fresh.record({ type: 'thread_renamed', thread_id: 'main', title: 'Fresh' });
    tab.world.socket.open();
    tab.world.socket.say(fresh.welcome('anna'), ...fresh.after(0), fresh.live());
    expect(tab.state).toMatchObject({ log: 'log-2', seq: 1, messages: {} });
    expect(tab.changes.at(-1)).toEqual({ kind: 'snapshot' });
  });

  it('shows the old state until the new one is whole, and keeps it when the connection breaks before', async () => {
    const tab = await watching();
    tab.room.compact();
    tab.lose();
    tab.room.restore('log-2');
    tab.world.socket.open();
    tab.world.socket.say(tab.room.welcome('anna'), tab.room.snapshot());
    const told = tab.changes.length;
    tab.lose();
    expect(tab.changes.length).toBe(told);
    expect(tab.state.log).toBe('log-1');
    expect(textOf(tab, 'm')).toBe('One ');
    await tab.goLive();
    expect(tab.state.log).toBe('log-2');
    expect(textOf(tab, 'm')).toBe('One ');
  });

  it('keeps what came before the connection broke in the middle of catching up', async () => {
    const tab = await watching();
    tab.lose();
    const seq = tab.state.seq;
    tab.room.say('m', 'two ');
    tab.world.socket.open();
    tab.world.socket.say(tab.room.welcome('anna'), ...tab.room.after(seq));
    tab.lose();
    expect(textOf(tab, 'm')).toBe('One two ');
    const [hello] = await tab.goLive();
    expect(hello).toMatchObject({ cursor: { seq: seq + 1 } });
    expect(textOf(tab, 'm')).toBe('One two ');
  });

  it('takes a snapshot in the middle, when it read too slowly', async () => {
    const tab = await watching();
    tab.room.say('m', 'two');
    tab.world.socket.say(tab.room.snapshot(), tab.room.live());
    expect(textOf(tab, 'm')).toBe('One two');
    expect(tab.changes.at(-1)).toEqual({ kind: 'snapshot' });
    const before = tab.state.seq;
    tab.room.say('m', ' three');
    tab.world.socket.say(...tab.room.after(before));
    expect(textOf(tab, 'm')).toBe('One two three');
  });

  it('asks for everything after a frame that cannot be read, and says so', async () => {
    const tab = await watching();
    tab.world.socket.say('{"type":"records"');
    expect(tab.problems).toMatchObject([{ code: 'malformed_frame' }]);
    tab.world.pass(FIRST_PAUSE_MS);
    expect(await tab.goLive()).toMatchObject([{ cursor: null }]);
    expect(tab.status).toBe('live');
  });

  it('ignores frames of later versions', async () => {
    const tab = await liveTab();
    tab.world.socket.say({ type: 'confetti' });
    expect(tab.status).toBe('live');
  });
});

describe('closing', () => {
  it.each([
    ['never', 4001, 'stopped'],
    ['reauth', 4100, 'stopped'],
    ['after', 4200, 'waiting']
  ])(
    'with retry %s and code %i leaves the client %s, with the reason',
    async (retry, code, status) => {
      const tab = await liveTab();
      tab.world.socket.say({ type: 'closing', code, reason: 'Because.', retry });
      expect(tab.client.connection).toMatchObject({ status, reason: 'Because.' });
    }
  );

  it('makes who was here unknown', async () => {
    const tab = await liveTab();
    const participants = [{ client_id: 'x', name: 'Bert' }];
    tab.world.socket.say({ type: 'presence', participants });
    tab.lose();
    expect(tab.participants).toEqual([participants, []]);
  });
});

describe('what is passed on', () => {
  it('is passed on: who is here, another path, notices', async () => {
    const tab = await liveTab();
    const problem = { code: 'store', message: 'The disk is full.', hint: 'Make room.' };
    tab.world.socket.say({ type: 'path_changed', path: 'b.ipynb' }, { type: 'notice', problem });
    expect(tab.paths).toEqual(['b.ipynb']);
    expect(tab.problems).toEqual([problem]);
  });

  it('is noticed at the next greeting: another path', async () => {
    const tab = await liveTab();
    tab.room.path = 'c.ipynb';
    tab.lose();
    await tab.goLive();
    expect(tab.paths).toEqual(['c.ipynb']);
  });

  it('is said again after a reconnect: presence', async () => {
    const tab = await liveTab();
    tab.client.setPresence({ typing: true });
    expect(await tab.serve()).toEqual([{ type: 'presence', typing: true }]);
    tab.lose();
    tab.client.setPresence({ typing: false });
    expect((await tab.goLive()).slice(1)).toEqual([{ type: 'presence', typing: false }]);
  });

  it('answers a request to read with the notebook, or with why not', async () => {
    const read = vi.fn(async () => ({ revision: 'a.1', json: () => ({ cells: ['💛'] }) }));
    const tab = await liveTab({ handlers: { onReadRequest: read } });
    tab.world.socket.say({ type: 'read_request', request_id: 'r1' });
    expect(await tab.serve()).toEqual([
      {
        type: 'read_reply',
        request_id: 'r1',
        part: '{"cells":["💛"]}',
        more: false,
        revision: 'a.1'
      }
    ]);
    tab.world.socket.say({ type: 'read_request', request_id: 'r3', known: 'a.1' });
    expect(await tab.serve()).toEqual([{ type: 'read_reply', request_id: 'r3', revision: 'a.1' }]);
    read.mockRejectedValueOnce(new Error('It is being loaded.'));
    tab.world.socket.say({ type: 'read_request', request_id: 'r2' });
    expect(await tab.serve()).toEqual([
      { type: 'read_reply', request_id: 'r2', error: 'It is being loaded.' }
    ]);
  });

  it('does not answer on another connection than the one that asked', async () => {
    let answer: (notebook: object) => void = () => undefined;
    const tab = await liveTab({
      handlers: { onReadRequest: () => new Promise(resolve => (answer = resolve as typeof answer)) }
    });
    tab.world.socket.say({ type: 'read_request', request_id: 'r1' });
    tab.lose();
    await tab.goLive();
    answer({ revision: null, json: () => ({ cells: [] }) });
    await settled();
    expect(tab.world.socket.sent).toEqual([]);
  });

  it('leaves no timer and no listener behind', async () => {
    const tab = await liveTab();
    tab.client.dispose();
    expect([tab.world.pendingTimers, tab.world.listening]).toEqual([0, 0]);
  });
});
