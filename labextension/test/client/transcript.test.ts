// @vitest-environment node
/** The client holds up its half of the transcript in the documentation, whose other half a real server holds up. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { RoomClient } from '../../src/client/client';
import { MemoryStore, Outbox } from '../../src/client/outbox';
import type { ClientFrame, CommandFrame } from '../../src/protocol';
import { FIRST_PAUSE_MS } from '../../src/client/socket';
import { FakeTabs } from '../fakes/tab';
import { FakeWorld, settled } from '../fakes/world';

interface Line {
  chapter?: string;
  connection?: 'opened' | 'lost';
  client?: ClientFrame;
  server?: object;
}

const LINES = readFileSync(resolve(__dirname, '../../../docs/protocol-transcript.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => JSON.parse(line) as Line);

it('says what the transcript says, and folds what it is told', async () => {
  const world = new FakeWorld();
  const ids: string[] = [];
  const client = new RoomClient({
    url: () => 'ws://here',
    clientId: 'tab-1',
    surface: 'client',
    environment: world,
    outbox: new Outbox({
      store: new MemoryStore(),
      tabs: new FakeTabs(),
      scope: 'a',
      owner: 'tab-1'
    }),
    newId: () => ids.shift() ?? 'unexpected',
    handlers: {}
  });
  const answers = new Map<string, Promise<unknown>>();
  const submit = (frame: CommandFrame) => {
    ids.push(frame.command_id);
    const answer = client.submit(frame.command).catch((error: { code: string }) => error.code);
    answers.set(frame.command_id, answer);
  };
  let chapter = '';
  for (const line of LINES) {
    chapter = line.chapter ?? chapter;
    if (chapter === 'resend') {
      continue; // this client got its answer and has no reason to ask again
    }
    if (line.connection === 'opened') {
      client.start();
      world.socket.open();
    } else if (line.connection === 'lost') {
      world.socket.drop();
      world.pass(FIRST_PAUSE_MS);
    } else if (line.client !== undefined) {
      if (line.client.type === 'command') {
        submit(line.client);
      }
      await settled();
      expect(world.socket.take()).toEqual([line.client]);
    } else if (line.server !== undefined) {
      world.socket.say(line.server);
    }
  }
  const { state } = client;
  expect(state?.seq).toBe(19);
  expect(state?.messages['m1.r1.s2.a1']).toMatchObject({
    status: 'complete',
    text: 'The cell now gives 0.5.'
  });
  expect(state?.runs['m1.r1']).toMatchObject({ status: 'finished', outcome: 'success' });
  expect(state?.confirmations['m1.r1.s1.a1.c1.q']).toMatchObject({
    status: 'decided',
    option: 'approve'
  });
  expect([await answers.get('k1'), await answers.get('k2'), await answers.get('k3')]).toEqual([
    2,
    11,
    'already_decided'
  ]);
  client.dispose();
});
