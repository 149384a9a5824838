import { ServerConnection } from '@jupyterlab/services';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { diagnose } from '../../src/client/access';
import { RejectedError } from '../../src/protocol/errors';
import { CopilotModel } from '../../src/model/copilot-model';
import { MemoryStore } from '../../src/client/outbox';
import { unknownTabs } from '../../src/client/outbox-browser';
import type { ClientFrame, CommandFrame } from '../../src/protocol';
import { FIRST_PAUSE_MS } from '../../src/client/socket';
import { roomUrl, serverPath } from '../../src/client/urls';
import { FakeRoom } from '../fakes/room';
import { FakeWorld, settled } from '../fakes/world';

function answering(answers: { [path: string]: [number, string?] }) {
  return vi.fn(async (request: RequestInfo | URL) => {
    const url = new URL((request as Request).url);
    const [status, body = '{}'] = answers[url.pathname] ?? [500];
    return new Response(body, { status });
  });
}

function settingsWith(fetch: typeof globalThis.fetch = answering({})) {
  return ServerConnection.makeSettings({
    baseUrl: 'http://hub:8000/user/anna/',
    wsUrl: 'ws://hub:8000/user/anna/',
    token: 'secret',
    appendToken: true,
    fetch
  });
}

describe('addresses', () => {
  it.each([
    ['a.ipynb', 'a.ipynb'],
    ['RTC:sub/a.ipynb', 'sub/a.ipynb'],
    ['100% wahr #1.ipynb', '100%25%20wahr%20%231.ipynb'],
    ['Übung/数据?.ipynb', '%C3%9Cbung/%E6%95%B0%E6%8D%AE%3F.ipynb'],
    ['/a/b.ipynb', 'a/b.ipynb']
  ])('of %s encode each part of the path by itself', (path, encoded) => {
    expect(roomUrl('ws://hub/x/', path, 'channel')).toBe(
      `ws://hub/x/api/copilot/notebooks/${encoded}/channel`
    );
  });

  it('lose the drive of jupyter-collaboration, and no other colon', () => {
    expect(serverPath('RTC:a.ipynb')).toBe('a.ipynb');
    expect(serverPath('Notes: one.ipynb')).toBe('Notes: one.ipynb');
  });
});

describe('asking why a connection does not open', () => {
  const RECORDS = '/user/anna/api/copilot/notebooks/a.ipynb/records';
  const ME = '/user/anna/api/me';

  it.each([
    ['nothing is wrong', { [RECORDS]: [200] }, null],
    ['the server is ill', { [RECORDS]: [503] }, null],
    ['nobody is signed in', { [RECORDS]: [401] }, { code: 4100 }],
    ['the sign-in ran out', { [RECORDS]: [403], [ME]: [403] }, { code: 4100 }],
    [
      'this person may not',
      { [RECORDS]: [403, '{"message": "You may not."}'], [ME]: [200] },
      { code: 4001, reason: 'You may not.' }
    ],
    [
      'there is no such notebook',
      { [RECORDS]: [404, '{"message": "There is no notebook."}'] },
      { code: 4004, reason: 'There is no notebook.' }
    ],
    [
      'the extension is missing',
      { [RECORDS]: [404, '<html>'] },
      { code: 4004, reason: /enabled on it/ }
    ]
  ] as [string, { [path: string]: [number, string?] }, object | null][])(
    'tells when %s',
    async (_, answers, expected) => {
      const refusal = await diagnose(settingsWith(answering(answers)), 'a.ipynb');
      if (expected === null) {
        expect(refusal).toBeNull();
      } else {
        expect(refusal).toMatchObject(expected);
      }
    }
  );

  it('carries the token in a header, never in the address', async () => {
    const fetch = answering({ [RECORDS]: [200] });
    await diagnose(settingsWith(fetch), 'a.ipynb');
    const request = fetch.mock.calls[0]?.[0] as Request;
    expect(request.headers.get('Authorization')).toBe('token secret');
    expect(request.url).not.toContain('secret');
  });
});

describe('the model of a notebook', () => {
  const models: CopilotModel[] = [];
  afterEach(() => models.splice(0).forEach(model => model.dispose()));

  function make(path = 'RTC:sub/a.ipynb') {
    const [world, room, store] = [new FakeWorld(), new FakeRoom(), new MemoryStore()];
    room.path = 'sub/a.ipynb';
    const model = new CopilotModel({
      path,
      surface: 'lab',
      settings: settingsWith(),
      store,
      tabs: unknownTabs,
      environment: world
    });
    models.push(model);
    const serve = async (): Promise<ClientFrame[]> => {
      await settled();
      const frames = world.socket.take<ClientFrame>();
      frames.forEach(frame => world.socket.say(...room.answer(frame, 'anna')));
      await settled();
      return frames;
    };
    const goLive = async () => {
      world.socket.open();
      return serve();
    };
    return { model, world, room, store, serve, goLive };
  }

  it('connects without a token in the address, and greets with its own id', async () => {
    const { model, world, goLive } = make();
    expect(world.sockets).toHaveLength(0);
    model.connect();
    expect(world.socket.url).toBe(
      'ws://hub:8000/user/anna/api/copilot/notebooks/sub/a.ipynb/channel'
    );
    const [hello] = await goLive();
    expect(hello).toMatchObject({ client_id: model.clientId, surface: 'lab' });
    expect(model.connection).toEqual({ status: 'live' });
    expect(model.you).toMatchObject({ id: 'anna' });
  });

  it('signals what changes', async () => {
    const { model, world, room, goLive } = make();
    const heard: string[] = [];
    model.stateChanged.connect((_, change) => heard.push(`state ${change.kind}`));
    model.connectionChanged.connect((_, connection) => heard.push(connection.status));
    model.participantsChanged.connect((_, people) => heard.push(`${people.length} here`));
    model.problem.connect((_, problem) => heard.push(problem.code));
    model.connect();
    await goLive();
    room.record({ type: 'thread_renamed', thread_id: 'main', title: 'Talk' });
    world.socket.say(
      ...room.after(0),
      { type: 'presence', participants: [{}] },
      { type: 'notice', problem: { code: 'disk', message: '', hint: '' } }
    );
    expect(heard).toEqual([
      'connecting',
      'syncing',
      'live',
      'state snapshot',
      'state records',
      '1 here',
      'disk'
    ]);
  });

  it('makes a command of each action', async () => {
    const { model, goLive, serve } = make();
    model.connect();
    await goLive();
    const { messageId } = model.post('Why?', { context: { active_cell_id: 'c' }, model: 'gpt' });
    const { threadId } = model.openThread('Ideas');
    const ignored = () => undefined;
    for (const done of [
      model.cancel('r'),
      model.retry('r'),
      model.rename(threadId, 'Plans'),
      model.archive(threadId),
      model.setMode('main', 'auto_edit')
    ]) {
      done.catch(ignored);
    }
    const commands = ((await serve()) as CommandFrame[]).map(frame => frame.command);
    expect(commands).toEqual([
      {
        type: 'post_message',
        message_id: messageId,
        thread_id: 'main',
        text: 'Why?',
        context: { active_cell_id: 'c' },
        model: 'gpt',
        run: true
      },
      { type: 'create_thread', thread_id: threadId, title: 'Ideas' },
      { type: 'cancel_run', run_id: 'r' },
      { type: 'retry_run', run_id: 'r', model: null },
      { type: 'rename_thread', thread_id: threadId, title: 'Plans' },
      { type: 'archive_thread', thread_id: threadId },
      { type: 'set_mode', thread_id: 'main', mode: 'auto_edit' }
    ]);
  });

  it('decides what is shown, and tells whoever was too late', async () => {
    const { model, world, room, goLive, serve } = make();
    model.connect();
    await goLive();
    room.record(room.opening('q', 'Delete?'));
    world.socket.say(...room.after(0));
    const [shown] = model.openConfirmations;
    expect(shown?.title).toBe('Delete?');
    const decided = model.decide(shown!, 'confirm', { comment: 'sure' });
    const late = model.decide(shown!, 'confirm').catch((error: unknown) => error);
    const [frame] = (await serve()) as CommandFrame[];
    expect(frame?.command).toEqual({
      type: 'decide',
      confirmation_id: 'q',
      args_hash: 'hash',
      option: 'confirm',
      comment: 'sure'
    });
    expect(await decided).toBe(2);
    expect(await late).toBeInstanceOf(RejectedError);
    expect(model.openConfirmations).toEqual([]);
  });

  it('knows the active run, the queue, and whether people are waited for', async () => {
    const { model, world, room, goLive, serve } = make();
    expect([model.activeRun('main'), model.queue('main'), model.isParked('r')]).toEqual([
      null,
      [],
      false
    ]);
    model.connect();
    await goLive();
    const first = model.post('One');
    const second = model.post('Two');
    await serve();
    await first.done;
    const before = room.state.seq;
    room.beginAnswer(first.messageId);
    world.socket.say(...room.after(before));
    expect(model.activeRun('main')?.message_id).toBe(first.messageId);
    expect(model.queue('main').map(run => run.message_id)).toEqual([second.messageId]);
    expect(model.isParked(`${first.messageId}.r1`)).toBe(false);
  });

  it('follows its notebook to another path, with what waits to be sent', async () => {
    const { model, world, store, goLive } = make();
    const paths: string[] = [];
    model.pathChanged.connect((_, path) => paths.push(path));
    model.connect();
    await goLive();
    model.post('Hi').done.catch(() => undefined);
    world.socket.say({ type: 'path_changed', path: 'b c.ipynb' });
    await settled();
    expect([model.path, ...paths]).toEqual(['b c.ipynb', 'b c.ipynb']);
    const scope = 'http://hub:8000/user/anna/api/copilot/notebooks/b%20c.ipynb/channel';
    expect(await store.all(scope)).toHaveLength(1);
    world.socket.drop();
    world.pass(FIRST_PAUSE_MS);
    expect(world.socket.url).toContain('/b%20c.ipynb/channel');
  });

  it('is told of another path by its page too, and then tries again', async () => {
    const { model, world, goLive } = make();
    model.connect();
    await goLive();
    world.socket.say({ type: 'path_changed', path: '/home/anna/elsewhere/b.ipynb' });
    expect(model.path).toBe('sub/a.ipynb');
    world.socket.drop(4004, 'There is no notebook.');
    model.moveTo('RTC:b.ipynb');
    model.moveTo('b.ipynb');
    expect(model.path).toBe('b.ipynb');
    expect(world.sockets.map(socket => socket.url.split('/').at(-2))).toEqual([
      'a.ipynb',
      'b.ipynb'
    ]);
  });

  it('tells of typing, and of what is shown', async () => {
    const { model, world, goLive, serve } = make();
    model.connect();
    await goLive();
    model.setTyping('main', true);
    expect(await serve()).toMatchObject([{ type: 'presence', thread_id: 'main', typing: true }]);
    model.setPresence({ document: 'dirty' });
    world.pass(500);
    expect(await serve()).toMatchObject([{ typing: true, document: 'dirty' }]);
  });

  it('gives its notebook when it has one', async () => {
    const { model, world, goLive, serve } = make();
    model.connect();
    await goLive();
    world.socket.say({ type: 'read_request', request_id: '1' });
    expect(await serve()).toMatchObject([{ error: 'This tab does not show the notebook.' }]);
    model.readNotebook = async () => ({ nbformat: 4 });
    world.socket.say({ type: 'read_request', request_id: '2' });
    expect(await serve()).toMatchObject([{ request_id: '2', notebook: { nbformat: 4 } }]);
  });

  it('is gone without trace once it is disposed of', async () => {
    const { model, world, goLive } = make();
    model.connect();
    await goLive();
    model.setTyping('main', true);
    const heard = vi.fn();
    model.connectionChanged.connect(heard);
    model.dispose();
    model.dispose();
    expect(model.isDisposed).toBe(true);
    expect([world.pendingTimers, world.listening]).toEqual([0, 0]);
    expect(heard).not.toHaveBeenCalled();
  });
});
