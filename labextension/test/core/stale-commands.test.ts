// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/protocol';
import { NO_USAGE } from '../../src/core/state';
import { FakeRoom } from '../fakes/room';
import { Tab } from '../fakes/tab';

function post(message_id: string, text = 'Hi'): Command {
  return { type: 'post_message', message_id, text };
}

async function liveTab(options = {}): Promise<Tab> {
  const tab = new Tab(new FakeRoom(), options);
  await tab.goLive();
  return tab;
}

describe('a decision made without a connection', () => {
  async function offlineDecision(meanwhile: (room: FakeRoom) => void) {
    const tab = await liveTab();
    tab.room.record(tab.room.opening('q', 'Delete?'));
    tab.world.socket.say(...tab.room.after(0));
    tab.lose();
    const done = tab.client
      .submit({ type: 'decide', confirmation_id: 'q', args_hash: 'hash', option: 'confirm' })
      .catch((error: unknown) => error);
    meanwhile(tab.room);
    const frames = await tab.goLive();
    return { result: await done, commands: frames.filter(frame => frame.type === 'command') };
  }

  it('is sent when nothing changed', async () => {
    const { result, commands } = await offlineDecision(() => undefined);
    expect(result).toBe(2);
    expect(commands).toHaveLength(1);
  });

  it('is dropped, saying who won, when somebody else decided', async () => {
    const { result, commands } = await offlineDecision(room => {
      const command: Command = {
        type: 'decide',
        confirmation_id: 'q',
        args_hash: 'hash',
        option: 'confirm'
      };
      room.answer({ type: 'command', command_id: 'other', command }, 'bert');
    });
    expect(commands).toEqual([]);
    expect(result).toMatchObject({
      code: 'already_decided',
      message:
        'Your decision was not sent: there was no connection when you made it. bert decided this: Confirm.',
      details: { by: { name: 'bert' }, label: 'Confirm' }
    });
  });

  it.each([
    ['expired', { type: 'confirmation_expired', confirmation_id: 'q' }],
    ['withdrawn', { type: 'confirmation_withdrawn', confirmation_id: 'q', reason: '' }]
  ] as const)('is dropped when it was %s', async (code, event) => {
    const { result, commands } = await offlineDecision(room => room.record(event));
    expect(commands).toEqual([]);
    expect(result).toMatchObject({ code });
  });

  it.each([
    ['stale', 'something else'],
    ['not_found', null]
  ])('is dropped as %s when what was seen is not what is there', async (code, hash) => {
    const { result, commands } = await offlineDecision(room => {
      Object.assign(room, new FakeRoom());
      room.restore('log-2');
      room.record({ type: 'thread_renamed', thread_id: 'main', title: 'x' });
      if (hash !== null) {
        room.record(room.opening('q', 'Delete everything?', hash));
      }
    });
    expect(commands).toEqual([]);
    expect(result).toMatchObject({ code });
  });

  it('is sent again when it may have arrived, even if it is decided now: the server knows by whom', async () => {
    const tab = await liveTab();
    tab.room.record(tab.room.opening('q', 'Delete?'));
    tab.world.socket.say(...tab.room.after(0));
    const done = tab.client.submit({
      type: 'decide',
      confirmation_id: 'q',
      args_hash: 'hash',
      option: 'confirm'
    });
    tab.room.answer(tab.world.socket.take<never>()[0]!, 'anna');
    tab.lose();
    await tab.goLive();
    expect(await done).toBe(2);
  });
});

describe('another try of a run, wanted without a connection', () => {
  async function offlineRetry(outcome: 'success' | 'cancelled' | 'failed') {
    const tab = await liveTab();
    void tab.client.submit(post('m'));
    await tab.serve();
    tab.lose();
    const wanted = tab.client.submit({ type: 'retry_run', run_id: 'm.r1' });
    const done = wanted.catch((error: unknown) => error);
    tab.room.record({
      type: 'run_finished',
      run_id: 'm.r1',
      outcome,
      error: null,
      usage: NO_USAGE
    });
    const frames = await tab.goLive();
    return { result: await done, sent: frames.filter(frame => frame.type === 'command').length };
  }

  it.each(['success', 'cancelled'] as const)(
    'is dropped, saying why, when it ended as %s',
    async outcome => {
      const { result, sent } = await offlineRetry(outcome);
      expect(sent).toBe(0);
      expect(result).toMatchObject({ code: 'run_finished', message: /^Nothing was tried again/ });
    }
  );

  it('is sent when it failed', async () => {
    expect((await offlineRetry('failed')).sent).toBe(1);
  });
});
