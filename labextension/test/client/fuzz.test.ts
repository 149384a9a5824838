// @vitest-environment node
/**
 * Tabs of two people on one room, over a network that loses, repeats and reorders, with reloads, restored logs and a
 * moving floor. In the end everybody has folded the same, and each command took effect once or its loss was told.
 */
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/client/outbox';
import type { Command } from '../../src/protocol';
import { FakeNetwork } from '../fakes/network';
import { FakeRoom } from '../fakes/room';
import { FakeTabs, Tab } from '../fakes/tab';
import { settled } from '../fakes/world';

/** `make soak` plays more. */
const SEEDS = process.env.COPILOT_SOAK ? 1000 : 40;
const STEPS = 300;
const PEOPLE = ['anna', 'anna', 'bert'];

/** Mulberry32: small, and good enough to roll dice. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return sides => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

class Story {
  readonly room = new FakeRoom();
  readonly network = new FakeNetwork(this.room);
  readonly counts: { [what: string]: number } = {};
  readonly told = new Map<string, string>();
  private readonly stores = new Map(PEOPLE.map(person => [person, new MemoryStore()]));
  private readonly alive = new FakeTabs();
  private readonly roll: (sides: number) => number;
  private tabs: Tab[];
  private made = 0;
  private words = '';

  constructor(seed: number) {
    this.roll = dice(seed);
    this.tabs = PEOPLE.map(person => this.open(person));
    this.room.answer(
      {
        type: 'command',
        command_id: 'c',
        command: { type: 'post_message', message_id: 'm', text: 'Go' }
      },
      'anna'
    );
    this.room.beginAnswer('m');
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.step(this.tabs[this.roll(this.tabs.length)]!);
      await settled();
    }
    await this.comeToRest();
  }

  private step(tab: Tab): void {
    const rolled = this.roll(100);
    if (rolled < 30) {
      this.network.carryUp(tab);
    } else if (rolled < 58) {
      this.network.carryDown(tab);
    } else if (rolled < 68) {
      this.speak();
    } else if (rolled < 77) {
      this.submit(tab);
    } else if (rolled < 81) {
      this.count('time', () => tab.world.pass(this.roll(3_000)));
    } else if (rolled < 86) {
      this.count('cut', () => this.network.cut(tab));
    } else if (rolled < 89) {
      this.count('repeated', () => this.network.repeat(tab));
    } else if (rolled < 95) {
      this.count('overtaken', () => this.network.carryDown(tab, 1 + this.roll(3)));
    } else if (rolled < 97) {
      this.count('compacted', () => this.room.compact());
    } else if (rolled < 98) {
      this.count('refreshed', () => this.network.refresh(tab));
    } else if (rolled < 99) {
      this.count('restored', () => this.network.restore(`log-${this.roll(1000)}`));
    } else {
      this.count('reloaded', () => this.reload(tab));
    }
  }

  private count(what: string, act: () => void): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    act();
  }

  private speak(): void {
    const text = `w${this.roll(1000)} `;
    this.words += text;
    const message_id = 'm.r1.s1.a1';
    this.network.record({
      type: 'text_delta',
      run_id: 'm.r1',
      step: 1,
      message_id,
      text,
      attempt: 1
    });
  }

  private submit(tab: Tab): void {
    const command = this.command(tab);
    this.count(command.type, () => {
      tab.client.submit(command).then(
        seq => {
          const last = this.room.records[seq - 1];
          this.told.set(last?.command_id ?? '', 'acked');
        },
        (error: { code?: string }) => this.count(`refused ${error.code}`, () => undefined)
      );
    });
  }

  private command(tab: Tab): Command {
    const open = Object.values(tab.client.state?.confirmations ?? {}).filter(
      each => each.status === 'open'
    );
    const id = `x${this.made++}`;
    switch (this.roll(3)) {
      case 0:
        return { type: 'open_confirmation', confirmation_id: id, title: id };
      case 1:
        if (open.length > 0) {
          const { confirmation_id, args_hash } = open[this.roll(open.length)]!;
          return { type: 'decide', confirmation_id, args_hash, option: 'confirm' };
        }
        break;
    }
    return { type: 'post_message', message_id: id, text: id, run: false };
  }

  private open(person: string): Tab {
    const name = `tab-${this.made++}`;
    const tab = new Tab(this.room, {
      name,
      person,
      store: this.stores.get(person)!,
      tabs: this.alive
    });
    tab.world.chance = 0.3;
    return tab;
  }

  private reload(tab: Tab): void {
    this.network.forget(tab);
    this.alive.alive.delete(tab.name);
    tab.world.socket.take();
    tab.client.dispose();
    this.tabs = this.tabs.map(each => (each === tab ? this.open(tab.person) : each));
  }

  /** Carry everything until nothing moves and everybody is live. */
  private async comeToRest(): Promise<void> {
    for (let rounds = 0; rounds < 200; rounds++) {
      let moved = false;
      for (const tab of this.tabs) {
        this.network.attend(tab);
        await settled();
        moved = this.network.carryUp(tab) || this.network.carryDown(tab) || moved;
        if (tab.status === 'waiting') {
          tab.world.pass(10_000);
          moved = true;
        }
      }
      const idle = this.tabs.every(tab => tab.status === 'live' && tab.client.pending.length === 0);
      if (!moved && idle && (await this.nothingKept())) {
        return;
      }
      if (!moved) {
        this.tabs.forEach(tab => this.network.cut(tab)); // what gone tabs left is taken over at the next greeting
      }
    }
    throw new Error('it does not come to rest');
  }

  private async nothingKept(): Promise<boolean> {
    const kept = await Promise.all([...this.stores.values()].map(store => store.all('a.ipynb')));
    return kept.every(entries => entries.length === 0);
  }

  check(): void {
    for (const tab of this.tabs) {
      expect(JSON.parse(JSON.stringify(tab.state))).toEqual(
        JSON.parse(JSON.stringify(this.room.state))
      );
      expect(tab.state.messages['m.r1.s1.a1']).toMatchObject({ text: this.words });
    }
    expect([...this.room.effects.values()].every(times => times === 1)).toBe(true);
    const posted = this.counts['post_message'] ?? 0;
    expect(
      Object.values(this.room.state.messages).filter(each => each.status === 'posted')
    ).toHaveLength(posted + 1);
    const opened = this.counts['open_confirmation'] ?? 0;
    expect(Object.keys(this.room.state.confirmations)).toHaveLength(opened);
    for (const command of this.told.keys()) {
      expect(this.room.effects.get(command)).toBe(1);
    }
  }
}

describe('whatever the network does', () => {
  const total: { [what: string]: number } = {};

  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
    'seed %i ends with equal folds and single effects',
    async seed => {
      const story = new Story(seed);
      await story.run();
      story.check();
      for (const [what, count] of Object.entries(story.counts)) {
        total[what] = (total[what] ?? 0) + count;
      }
    }
  );

  it('and much of everything did happen', () => {
    for (const what of [
      'cut',
      'repeated',
      'overtaken',
      'compacted',
      'refreshed',
      'restored',
      'reloaded',
      'decide',
      'time'
    ]) {
      expect(total[what], what).toBeGreaterThan(SEEDS / 2);
    }
    expect(total['refused already_decided'] ?? 0).toBeGreaterThan(0);
  });
});
