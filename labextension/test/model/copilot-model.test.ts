import { ServerConnection } from '@jupyterlab/services';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RejectedError } from '../../src/protocol/errors';
import { CopilotModel } from '../../src/model/copilot-model';
import { MemoryStore } from '../../src/client/outbox';
import { unknownTabs } from '../../src/client/outbox-browser';
import { postMessage } from '../../src/core/post-message';
import type { ClientFrame, Command } from '../../src/protocol';
import { FIRST_PAUSE_MS } from '../../src/client/socket';
import { FakeRoom } from '../fakes/room';
import { FakeWorld, settled } from '../fakes/world';

const SETTINGS = ServerConnection.makeSettings({
  baseUrl: 'http://hub:8000/user/anna/',
  wsUrl: 'ws://hub:8000/user/anna/',
  fetch: async () => new Response('{}', { status: 500 })
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
      settings: SETTINGS,
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

  it('decides what is shown, and tells whoever was too late', async () => {
    const { model, world, room, goLive, serve } = make();
    model.connect();
    await goLive();
    room.record(room.opening('q', 'Delete?'));
    world.socket.say(...room.after(0));
    const [shown] = model.openConfirmations;
    expect(shown?.title).toBe('Delete?');
    const decide: Command = {
      type: 'decide',
      confirmation_id: 'q',
      args_hash: 'hash',
      option: 'confirm'
    };
    const decided = model.submit(decide);
    const late = model.submit(decide).catch((error: unknown) => error);
    expect((await serve())[0]).toMatchObject({ command: decide });
    expect(await decided).toBe(2);
    expect(await late).toBeInstanceOf(RejectedError);
    expect(model.openConfirmations).toEqual([]);
  });

  it('knows the active run', async () => {
    const { model, world, room, goLive, serve } = make();
    expect(model.activeRun('main')).toBeNull();
    model.connect();
    await goLive();
    const asked = model.submit(postMessage('m1', 'One'));
    await serve();
    await asked;
    const before = room.state.seq;
    room.beginAnswer('m1');
    world.socket.say(...room.after(before));
    expect(model.activeRun('main')?.message_id).toBe('m1');
  });

  it('follows its notebook to another path, with what waits to be sent', async () => {
    const { model, world, store, goLive } = make();
    const paths: string[] = [];
    model.pathChanged.connect((_, path) => paths.push(path));
    model.connect();
    await goLive();
    model.submit(postMessage('m1', 'Hi')).catch(() => undefined);
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
    model.readNotebook = async () => ({ revision: null, json: () => ({ nbformat: 4 }) });
    world.socket.say({ type: 'read_request', request_id: '2' });
    expect(await serve()).toMatchObject([{ request_id: '2', part: '{"nbformat":4}' }]);
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
