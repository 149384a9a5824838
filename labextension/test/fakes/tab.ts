import { RoomClient } from '../../src/client/client';
import type { ClientHandlers, Connection } from '../../src/client/client';
import type { RejectedError } from '../../src/protocol/errors';
import { v7 as uuidv7 } from 'uuid';
import { MemoryStore, Outbox } from '../../src/client/outbox';
import type { OutboxStore, Tabs } from '../../src/client/outbox';
import type { ClientFrame, Command, Participant, Problem, RoomState } from '../../src/protocol';
import type { StateChange } from '../../src/core/replica';
import { FakeRoom } from './room';
import { FakeWorld, settled } from './world';

/** Tabs that are alive are in the set. */
export class FakeTabs implements Tabs {
  readonly alive = new Set<string>();

  announce(owner: string): () => void {
    this.alive.add(owner);
    return () => this.alive.delete(owner);
  }

  async isAlive(owner: string): Promise<boolean> {
    return this.alive.has(owner);
  }
}

export interface TabOptions {
  person?: string;
  name?: string;
  secret?: string;
  store?: OutboxStore;
  tabs?: Tabs;
  handlers?: ClientHandlers;
}

/** A page's client, with everything that it tells written down. */
export class Tab {
  readonly world = new FakeWorld();
  readonly name: string;
  readonly client: RoomClient;
  readonly connections: Connection[] = [];
  readonly changes: StateChange[] = [];
  readonly problems: Problem[] = [];
  readonly refused: [Command, RejectedError][] = [];
  readonly participants: (readonly Participant[])[] = [];
  readonly paths: string[] = [];
  readonly outbox: Outbox;
  person: string;
  /** What the client does with the outbox when it goes live. */
  adoption: Promise<unknown> = Promise.resolve();

  constructor(
    readonly room: FakeRoom,
    options: TabOptions = {}
  ) {
    const {
      person = 'anna',
      name = 'tab-1',
      store = new MemoryStore(),
      tabs = new FakeTabs()
    } = options;
    this.person = person;
    this.name = name;
    this.outbox = new Outbox({ store, tabs, scope: 'a.ipynb', owner: name });
    const adopt = this.outbox.adopt.bind(this.outbox);
    this.outbox.adopt = user => {
      const adopted = adopt(user);
      this.adoption = adopted.catch(() => undefined);
      return adopted;
    };
    this.client = new RoomClient({
      url: () => 'ws://here/channel',
      clientId: name,
      ...(options.secret !== undefined && { secret: options.secret }),
      surface: 'lab',
      environment: this.world,
      outbox: this.outbox,
      newId: uuidv7,
      handlers: {
        onConnection: connection => this.connections.push(connection),
        onState: change => this.changes.push(change),
        onProblem: problem => this.problems.push(problem),
        onRefused: (command, error) => this.refused.push([command, error]),
        onParticipants: participants => this.participants.push(participants),
        onPath: path => this.paths.push(path),
        ...options.handlers
      }
    });
    this.client.start();
  }

  get state(): RoomState {
    if (this.client.state === null) {
      throw new Error('there is no state yet');
    }
    return this.client.state;
  }

  get status(): Connection['status'] {
    return this.client.connection.status;
  }

  /** Have the server answer everything that was sent; returns the frames that it answered. */
  async serve(): Promise<ClientFrame[]> {
    const served: ClientFrame[] = [];
    for (;;) {
      await settled();
      const frames = this.world.socket.take<ClientFrame>();
      if (frames.length === 0) {
        return served;
      }
      served.push(...frames);
      for (const frame of frames) {
        this.world.socket.say(...this.room.answer(frame, this.person));
      }
    }
  }

  /** Open the latest socket, and answer until the client is live. */
  async goLive(): Promise<ClientFrame[]> {
    this.world.socket.open();
    return this.serve();
  }

  /** Lose the connection, and wait until the next one is being opened. */
  lose(): void {
    this.world.socket.drop();
    this.world.pass(10_000);
  }
}

/** A tab that is live in a room of its own. */
export async function liveTab(options = {}): Promise<Tab> {
  const tab = new Tab(new FakeRoom(), options);
  await tab.goLive();
  return tab;
}

/** A message of a person. */
export function post(message_id: string, text = 'Hi'): Command {
  return { type: 'post_message', message_id, text };
}
