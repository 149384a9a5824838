// @vitest-environment node
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KEPT_FOR_MS, MemoryStore, Outbox } from '../../src/client/outbox';
import type { Kept, OutboxStore } from '../../src/client/outbox';
import { IndexedDbStore, LockedTabs, unknownTabs } from '../../src/client/outbox-browser';
import type { Command } from '../../src/protocol';
import { FakeRoom } from '../fakes/room';
import { FakeTabs, Tab } from '../fakes/tab';
import { settled } from '../fakes/world';

function kept(command_id: string, more: Partial<Kept> = {}): Kept {
  const command: Command = { type: 'post_message', message_id: command_id, text: 'Hi' };
  const base = { scope: 'a.ipynb', user: 'anna', owner: 'tab-0', at: 1_000_000, tried: false };
  return { command_id, command, ...base, ...more };
}

describe.each([
  ['memory', () => new MemoryStore()],
  ['IndexedDB', () => new IndexedDbStore(new IDBFactory())]
])('a store in %s', (_, make: () => OutboxStore) => {
  it('gives back what was put, by notebook, oldest first', async () => {
    const store = make();
    await store.put(kept('2'));
    await store.put(kept('1'));
    await store.put(kept('3', { scope: 'b.ipynb' }));
    expect(await store.all('a.ipynb')).toEqual([kept('1'), kept('2')]);
    expect(await store.all('c.ipynb')).toEqual([]);
  });

  it('holds one entry an id, and none that was removed', async () => {
    const store = make();
    await store.put(kept('1'));
    await store.put(kept('1', { tried: true }));
    await store.put(kept('2'));
    await store.remove('2');
    await store.remove('unknown');
    expect(await store.all('a.ipynb')).toEqual([kept('1', { tried: true })]);
  });
});

describe('IndexedDB', () => {
  it('is shared by the pages of an origin, and outlives them', async () => {
    const factory = new IDBFactory();
    await new IndexedDbStore(factory).put(kept('1'));
    expect(await new IndexedDbStore(factory).all('a.ipynb')).toHaveLength(1);
  });

  it('that cannot be opened rejects, and is tried again', async () => {
    const factory = new IDBFactory();
    const open = vi.spyOn(factory, 'open').mockImplementationOnce(() => {
      throw new DOMException('private window', 'SecurityError');
    });
    const store = new IndexedDbStore(factory);
    await expect(store.put(kept('1'))).rejects.toThrow('private window');
    await store.put(kept('1'));
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('makes way for a newer version of the database', async () => {
    const factory = new IDBFactory();
    const store = new IndexedDbStore(factory);
    await store.put(kept('1'));
    await new Promise<void>((resolve, reject) => {
      const request = factory.deleteDatabase('jupyter-collaborative-copilot');
      request.onsuccess = () => resolve();
      request.onblocked = () => reject(new Error('blocked'));
    });
    expect(await store.all('a.ipynb')).toEqual([]);
  });
});

describe('tabs known by locks', () => {
  /** Web Locks as far as they are used: exclusive, asked for at once. */
  function fakeLocks() {
    const held = new Set<string>();
    const request = async (name: string, ...rest: unknown[]) => {
      const [options, callback] = rest.length === 2 ? rest : [{}, rest[0]];
      const run = callback as (lock: object | null) => unknown;
      if (held.has(name)) {
        expect(options).toEqual({ ifAvailable: true });
        return run(null);
      }
      held.add(name);
      const result = await run({ name });
      held.delete(name);
      return result;
    };
    return { locks: { request } as unknown as LockManager, held };
  }

  it('are alive from their announcement on, and asking holds nothing', async () => {
    const { locks, held } = fakeLocks();
    const tabs = new LockedTabs(locks);
    expect(await tabs.isAlive('tab-1')).toBe(false);
    const leave = tabs.announce('tab-1');
    expect(await tabs.isAlive('tab-1')).toBe(true);
    expect(await tabs.isAlive('tab-2')).toBe(false);
    expect(held).toEqual(new Set(['jupyter-collaborative-copilot:tab-1']));
    leave();
    await settled();
    expect(await tabs.isAlive('tab-1')).toBe(false);
  });
});

describe('adopting', () => {
  function outbox(store: OutboxStore, tabs = new FakeTabs()) {
    return new Outbox({ store, tabs, scope: 'a.ipynb', owner: 'tab-1' });
  }

  it('takes over what tabs that are gone left, for this person and this notebook', async () => {
    const store = new MemoryStore();
    const tabs = new FakeTabs();
    tabs.announce('alive');
    await store.put(kept('1'));
    await store.put(kept('2', { user: null }));
    await store.put(kept('3', { user: 'bert' }));
    await store.put(kept('4', { owner: 'alive' }));
    await store.put(kept('5', { scope: 'b.ipynb' }));
    await store.put(kept('6', { owner: 'tab-1' }));
    const mine = { user: 'anna', owner: 'tab-1' };
    expect(await outbox(store, tabs).adopt('anna')).toEqual([kept('1', mine), kept('2', mine)]);
    expect(await outbox(store, tabs).adopt('anna')).toEqual([]);
  });

  it('follows the notebook to another path', async () => {
    const store = new MemoryStore();
    const box = outbox(store);
    await box.keep({
      command_id: '1',
      command: kept('1').command,
      user: 'anna',
      at: 1,
      tried: false
    });
    await store.put(kept('2', { owner: 'other' }));
    await box.move('b.ipynb');
    await box.keep({
      command_id: '3',
      command: kept('3').command,
      user: 'anna',
      at: 1,
      tried: false
    });
    expect((await store.all('b.ipynb')).map(each => each.command_id)).toEqual(['1', '3']);
    expect((await store.all('a.ipynb')).map(each => each.command_id)).toEqual(['2']);
  });
});

describe('a page that is reloaded', () => {
  const clients: Tab[] = [];
  afterEach(() => clients.splice(0).forEach(tab => tab.client.dispose()));

  function page(
    room: FakeRoom,
    name: string,
    store: OutboxStore,
    tabs: FakeTabs,
    person = 'anna'
  ): Tab {
    const tab = new Tab(room, { name, store, tabs, person });
    clients.push(tab);
    return tab;
  }

  async function goLive(tab: Tab): Promise<void> {
    await tab.goLive();
    await tab.adoption;
    await tab.serve();
  }

  /** The page is gone, and nothing of it ever runs again. */
  function kill(tab: Tab, tabs: FakeTabs): void {
    tab.world.socket.take();
    tabs.alive.delete('tab-1');
  }

  async function holds(store: OutboxStore, count: number): Promise<void> {
    await vi.waitFor(async () => expect(await store.all('a.ipynb')).toHaveLength(count));
  }

  function post(tab: Tab, id: string): void {
    tab.client.submit({ type: 'post_message', message_id: id, text: id }).catch(() => undefined);
  }

  it('delivers what it had not sent, once and in order', async () => {
    const [room, store, tabs] = [
      new FakeRoom(),
      new IndexedDbStore(new IDBFactory()),
      new FakeTabs()
    ];
    const before = page(room, 'tab-1', store, tabs);
    for (const id of ['a', 'b', 'c']) {
      post(before, id);
    }
    await holds(store, 3);
    kill(before, tabs);
    const after = page(room, 'tab-2', store, tabs);
    await goLive(after);
    expect(Object.keys(after.state.messages)).toEqual(['a', 'b', 'c']);
    expect([...room.effects.values()]).toEqual([1, 1, 1]);
    await holds(store, 0);
    expect(after.client.pending).toEqual([]);
  });

  it('delivers what it had sent without learning how that went, once', async () => {
    const [room, store, tabs] = [
      new FakeRoom(),
      new IndexedDbStore(new IDBFactory()),
      new FakeTabs()
    ];
    const before = page(room, 'tab-1', store, tabs);
    await goLive(before);
    post(before, 'a');
    await holds(store, 1);
    room.answer(before.world.socket.take<never>()[0]!, 'anna');
    kill(before, tabs);
    const after = page(room, 'tab-2', store, tabs);
    await goLive(after);
    expect([...room.effects.values()]).toEqual([1]);
    expect(after.client.pending).toEqual([]);
  });

  it('two tabs that both take over deliver once', async () => {
    const [room, store, tabs] = [new FakeRoom(), new IndexedDbStore(new IDBFactory()), unknownTabs];
    const before = new Tab(room, { name: 'tab-1', store, tabs });
    post(before, 'a');
    await holds(store, 1);
    const both = ['tab-2', 'tab-3'].map(name => new Tab(room, { name, store, tabs }));
    for (const tab of both) {
      await goLive(tab);
    }
    await goLive(before);
    expect([...room.effects.values()]).toEqual([1]);
    for (const tab of [before, ...both]) {
      expect(tab.client.pending).toEqual([]);
      tab.client.dispose();
    }
  });

  it('a notebook that is closed and opened again in the same page delivers what waited', async () => {
    const [room, store, tabs] = [new FakeRoom(), new MemoryStore(), new FakeTabs()];
    const before = page(room, 'tab-1', store, tabs);
    post(before, 'a');
    before.client.dispose();
    const after = page(room, 'tab-2', store, tabs);
    await goLive(after);
    expect([...room.effects.values()]).toEqual([1]);
  });

  it('leaves the commands of somebody else alone', async () => {
    const [room, store, tabs] = [new FakeRoom(), new MemoryStore(), new FakeTabs()];
    await store.put(kept('1', { user: 'bert' }));
    const tab = page(room, 'tab-2', store, tabs);
    await goLive(tab);
    expect(room.effects.size).toBe(0);
    expect(await store.all('a.ipynb')).toHaveLength(1);
  });

  it('drops a decision that became stale, and what is too old, and says so', async () => {
    const [room, store, tabs] = [new FakeRoom(), new MemoryStore(), new FakeTabs()];
    const command: Command = {
      type: 'decide',
      confirmation_id: 'q',
      args_hash: 'hash',
      option: 'confirm'
    };
    await store.put(kept('1', { command }));
    await store.put(kept('2', { at: 1_000_000 - KEPT_FOR_MS - 1 }));
    const tab = page(room, 'tab-2', store, tabs);
    await goLive(tab);
    expect(tab.refused.map(([refused, error]) => [refused.type, error.code])).toEqual([
      ['decide', 'not_found'],
      ['post_message', 'expired']
    ]);
    expect(room.effects.size).toBe(0);
    await holds(store, 0);
  });

  it('never sends what another page claimed', async () => {
    const [room, store, tabs] = [new FakeRoom(), new MemoryStore(), new FakeTabs()];
    const before = page(room, 'tab-1', store, tabs);
    before.client.submit({ type: 'claim_call', call_id: 'c', fence: 1 }).catch(() => undefined);
    expect(before.client.pending).toHaveLength(1);
    expect(await store.all('a.ipynb')).toEqual([]);
  });

  it('works without a store, and says once that nothing is kept', async () => {
    const broken: OutboxStore = {
      put: () => Promise.reject(new Error('private window')),
      remove: () => Promise.reject(new Error('private window')),
      all: () => Promise.reject(new Error('private window'))
    };
    const tab = page(new FakeRoom(), 'tab-1', broken, new FakeTabs());
    post(tab, 'a');
    post(tab, 'b');
    await goLive(tab);
    expect(Object.keys(tab.state.messages)).toEqual(['a', 'b']);
    expect(tab.problems.map(problem => problem.code)).toEqual(['outbox_unavailable']);
  });
});
