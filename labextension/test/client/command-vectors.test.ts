// @vitest-environment node
import { expect, it } from 'vitest';
import { CommandQueue } from '../../src/client/commands';
import { MemoryStore, Outbox } from '../../src/client/outbox';
import { initial } from '../../src/core/state';
import type { Command, Reject, RoomState } from '../../src/protocol';
import { RejectedError } from '../../src/protocol/errors';
import { FakeTabs } from '../fakes/tab';
import { cases } from '../fakes/vectors';
import { FakeWorld, settled } from '../fakes/world';

type Step = (
  | { do: 'submit'; id: string; command: Command }
  | { do: 'resume'; user: string; state?: Partial<RoomState> }
  | { do: 'suspend' }
  | { do: 'ack'; id: string; seq: number }
  | ({ do: 'reject'; id: string } & Pick<Reject, 'code' | 'retry' | 'details'>)
  | { do: 'pass'; ms: number }
) & { sent: string[]; ended?: { [id: string]: number | string }; waiting?: string[] };

/** A queue whose connection and clock the test has. */
class Desk {
  readonly world = new FakeWorld();
  sent: string[] = [];
  ended: { [id: string]: number | string } = {};
  private nextId = '';
  readonly queue = new CommandQueue({
    environment: this.world,
    outbox: new Outbox({
      store: new MemoryStore(),
      tabs: new FakeTabs(),
      scope: 'a.ipynb',
      owner: 'tab'
    }),
    newId: () => this.nextId,
    send: id => this.sent.push(id),
    onChange: () => undefined,
    onRefused: () => undefined,
    onStoreError: error => {
      throw error;
    }
  });

  take(step: Step): void {
    const { queue } = this;
    switch (step.do) {
      case 'submit':
        return this.submit(step.id, step.command);
      case 'resume': {
        const { user, state } = step;
        return queue.resume(user, () => (state ? { ...initial('log'), ...state } : null));
      }
      case 'suspend':
        return queue.suspend();
      case 'ack':
        return queue.acked(step.id, step.seq);
      case 'reject': {
        const { id, code, retry, details } = step;
        return queue.rejected(id, {
          type: 'reject',
          command_id: id,
          code,
          retry,
          details: details ?? {},
          message: '',
          hint: ''
        });
      }
      case 'pass':
        return this.world.pass(step.ms);
    }
  }

  private submit(id: string, command: Command): void {
    this.nextId = id;
    this.queue.submit(command).then(
      seq => (this.ended[id] = seq),
      (error: unknown) => {
        this.ended[id] = error instanceof RejectedError ? error.code : String(error);
      }
    );
  }
}

it.each(cases<{ steps: Step[] }>('command_queue'))('$name', async ({ steps }) => {
  const desk = new Desk();
  for (const step of steps) {
    desk.sent = [];
    desk.ended = {};
    desk.take(step);
    await settled();
    const { sent, ended } = desk;
    expect({ sent, ended }, JSON.stringify(step)).toEqual({
      sent: step.sent,
      ended: step.ended ?? {}
    });
    if (step.waiting) {
      expect(desk.queue.pending.map(each => each.commandId)).toEqual(step.waiting);
    }
  }
});
