import { Signal } from '@lumino/signaling';
import { describe, expect, test, vi } from 'vitest';

import { Drafts } from '../../src/model/drafts';
import { ClientClosedError, RejectedError } from '../../src/protocol/errors';
import type { CopilotModel } from '../../src/model/copilot-model';
import type { ModelList } from '../../src/model/model-list';
import { Preferences } from '../../src/model/preferences';
import { RoomView, shownConnection } from '../../src/model/room-view';
import type { Participant } from '../../src/protocol';
import { ALICE, BOB, NOW, participant, Scene, YOU } from '../../gallery/fixtures';

const LATE = new RejectedError({
  code: 'already_decided',
  message: 'Bob decided this already.',
  retry: 'never'
});

/** A model whose answers the test gives. */
class FakeModel {
  readonly stateChanged = new Signal<this, unknown>(this);
  readonly participantsChanged = new Signal<this, unknown>(this);
  readonly pathChanged = new Signal<this, string>(this);
  readonly pendingChanged = new Signal<this, unknown>(this);
  readonly connectionChanged = new Signal<this, unknown>(this);
  readonly problem = new Signal<this, unknown>(this);
  readonly refused = new Signal<this, unknown>(this);
  readonly path = 'a.ipynb';
  readonly you = YOU;
  participants: Participant[] = [];
  readonly connection = { status: 'live' };
  pending: unknown[] = [];
  readonly state = new Scene()
    .say(ALICE, NOW, 'x')
    .call('Edit cell 4', NOW, { status: 'proposed', effect: 'edit' }, {})
    .state();
  answer: Promise<number> = Promise.resolve(1);
  readonly submit = vi.fn(() => this.answer);
  readonly setPresence = vi.fn();
  readonly newId = (): string => 'new';
  now = (): number => NOW;
}

function room() {
  const model = new FakeModel();
  const models = {
    models: [],
    agents: [],
    changed: new Signal({}),
    refresh: async () => undefined
  };
  const view = new RoomView({
    model: model as unknown as CopilotModel,
    models: models as unknown as ModelList,
    drafts: new Drafts(null),
    preferences: new Preferences()
  });
  return { model, view, shown: () => view.view([]) };
}

describe('a room as it is shown', () => {
  test('remembers whom it saw, as they were seen last', () => {
    const { model, shown } = room();
    const see = (...here: Participant[]) => {
      model.participants = here;
      model.participantsChanged.emit(here);
      return shown().known;
    };
    const alice = participant(ALICE, { color: '#112233' });
    const first = see(alice, participant(BOB));
    expect(see(participant(BOB, { typing: true })).everybody).toBe(first.everybody);
    const offline = see();
    expect(offline.everybody).toContain(alice);
    expect(offline.latest.map(p => p.name)).toEqual(['Bob']);
    const red = see(participant(ALICE, { color: '#ff0000' })).everybody;
    expect(red.filter(p => p.id === ALICE.id).map(p => p.color)).toEqual(['#ff0000']);
  });

  test('keeps what was written in each thread, and empties it once it is sent', () => {
    const { view, model } = room();
    view.draft = { text: 'unfinished', attachments: [] };
    view.threadId = 'other';
    expect(view.draft.text).toBe('');
    view.threadId = 'main';
    view.send(view.draft, 'cell1');
    expect(view.draft.text).toBe('');
    expect(model.submit).toHaveBeenCalledWith({
      type: 'post_message',
      message_id: 'new',
      thread_id: 'main',
      text: 'unfinished',
      context: expect.objectContaining({ active_cell_id: 'cell1' }),
      model: null,
      run: true,
      agent_id: null,
      join: true // as a run is under way
    });
    view.threadId = 'other';
    view.post('more', {});
    expect((model.submit.mock.lastCall as unknown[])[0]).not.toHaveProperty('join');
  });

  test('decides on what was shown, and tells at the confirmation that it came too late', async () => {
    const { view, model, shown } = room();
    model.answer = Promise.reject(LATE);
    view.decide('c2.q', { option: 'deny', comment: 'no' });
    expect(model.submit).toHaveBeenCalledWith({
      type: 'decide',
      confirmation_id: 'c2.q',
      args_hash: 'h',
      option: 'deny',
      comment: 'no'
    });
    await vi.waitFor(() => expect(shown().unsent).toHaveLength(1));
    expect(shown().unsent[0]).toMatchObject({
      command: { type: 'decide', confirmation_id: 'c2.q' },
      refusal: { code: 'already_decided', message: 'Bob decided this already.' }
    });
  });

  test('takes what a person left out or edited in the cells, from the panel too', () => {
    const { view, model } = room();
    const cells = [{ action: 'edit', cell_id: 'a', before: '1', after: '2' }];
    const args = { cell_id: 'a', source: '2' };
    const call = { status: 'proposed', effect: 'edit', cells, args };
    const state = new Scene().say(ALICE, NOW, 'x').call('Edit cell 4', NOW, call, {}).state();
    Object.assign(model, { state });
    const { c2 } = state.calls;
    view.review.set(c2!, 0, { source: '3' });
    const decided = { type: 'decide', confirmation_id: 'c2.q', args_hash: 'h' };
    const edited_args = { cell_id: 'a', source: '3' };
    view.decide('c2.q', { option: 'approve', comment: 'so' });
    expect(model.submit).toHaveBeenLastCalledWith({
      ...decided,
      option: 'approve',
      comment: 'so',
      edited_args
    });
    view.decideAll(['c2.q'], 'approve');
    expect(model.submit).toHaveBeenLastCalledWith({
      type: 'decide_all',
      decisions: [{ ...decided, option: 'approve', edited_args }]
    });
    view.review.set(c2!, 0, { mark: 'reject' });
    view.decide('c2.q', { option: 'approve', comment: '' });
    expect(model.submit).toHaveBeenLastCalledWith({ ...decided, option: 'deny', comment: '' });
  });

  test('keeps a refused message until the person discards it', async () => {
    const { view, model, shown } = room();
    model.answer = Promise.reject(
      new RejectedError({ code: 'limit_reached', message: 'Full.', retry: 'after' })
    );
    view.send({ text: 'Hello', attachments: [] }, null);
    await vi.waitFor(() => expect(shown().unsent).toHaveLength(1));
    view.discard(shown().unsent[0]!.commandId);
    expect(shown().unsent).toEqual([]);
  });

  test('says nothing of a command that the next page sends', async () => {
    const { view, model, shown } = room();
    model.answer = Promise.reject(new ClientClosedError());
    view.act({ type: 'cancel_run', run_id: 'r' });
    view.post('Hello', {});
    await model.answer.catch(() => undefined);
    expect(shown()).toMatchObject({ unsent: [], notice: null });
  });

  test('tells other refusals in the bar, which can be put away', async () => {
    const { view, model, shown } = room();
    model.answer = Promise.reject(LATE);
    view.act({ type: 'cancel_run', run_id: 'r' });
    await vi.waitFor(() => expect(shown().notice).toBe('Bob decided this already.'));
    view.dismissNotice();
    expect(shown().notice).toBeNull();
  });

  test('tells of a decision of an earlier page that was dropped', () => {
    const { model, shown } = room();
    const command = { type: 'decide', confirmation_id: 'c2.q', args_hash: 'h', option: 'approve' };
    model.refused.emit({ command, error: LATE });
    expect(shown().unsent).toHaveLength(1);
  });

  test('offers own messages again, newest first', () => {
    expect(room().shown().history()).toEqual(['x']);
  });
});

test.each([
  [{ status: 'waiting', retryAt: 1000, reason: '' }, true, { type: 'waiting', retryAt: 1500 }],
  [{ status: 'waiting', retryAt: 1000, reason: '' }, false, { type: 'offline' }],
  [{ status: 'stopped', code: 4100, reason: '', retry: 'reauth' }, true, { type: 'signed_out' }],
  [
    { status: 'stopped', code: 4004, reason: 'Gone.', retry: 'never' },
    true,
    { type: 'closed', reason: 'Gone.' }
  ],
  [{ status: 'connecting', attempt: 1 }, true, { type: 'connecting' }],
  [{ status: 'connecting', attempt: 2 }, true, { type: 'waiting', retryAt: 0 }],
  [{ status: 'connecting', attempt: 2 }, false, { type: 'offline' }],
  [{ status: 'syncing' }, true, { type: 'connecting' }]
])('the connection %j, online %j, is shown as %j', (connection, online, shown) => {
  expect(shownConnection(connection as never, online, 500)).toEqual(shown);
});
