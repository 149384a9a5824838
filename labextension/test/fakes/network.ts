import type { ClientFrame, RoomEvent } from '../../src/protocol';
import type { FakeRoom } from './room';
import type { Tab } from './tab';
import type { FakeSocket } from './world';

interface Link {
  readonly tab: Tab;
  readonly up: ClientFrame[];
  readonly down: string[];
  greeted: boolean;
}

/** Carries frames between tabs and a room one at a time, when and as it is told to. */
export class FakeNetwork {
  private readonly links = new Map<FakeSocket, Link>();

  constructor(readonly room: FakeRoom) {}

  /** Open what the tab wants open, and take what it sent. */
  attend(tab: Tab): Link {
    const { socket } = tab.world;
    let link = this.links.get(socket);
    if (link === undefined) {
      link = { tab, up: [], down: [], greeted: false };
      this.links.set(socket, link);
      if (!socket.closedByClient) {
        socket.open();
      }
    }
    link.up.push(...socket.take<ClientFrame>());
    return link;
  }

  /** Let one frame of the tab reach the server. */
  carryUp(tab: Tab): boolean {
    const link = this.attend(tab);
    const frame = link.up.shift();
    if (frame === undefined) {
      return false;
    }
    const before = this.room.state.seq;
    const answers = this.room.answer(frame, tab.person);
    link.greeted = link.greeted || frame.type === 'hello';
    this.push(link, answers);
    this.broadcast(before, link);
    return true;
  }

  /** Let one frame of the server reach the tab; `index` says which, so that frames can overtake each other. */
  carryDown(tab: Tab, index = 0): boolean {
    const { down } = this.attend(tab);
    const [text] = down.splice(Math.min(index, down.length - 1), 1);
    if (text !== undefined) {
      tab.world.socket.say(text);
    }
    return text !== undefined;
  }

  /** Let the next frame of the server reach the tab twice. */
  repeat(tab: Tab): void {
    const { down } = this.attend(tab);
    if (down[0]?.startsWith('{"type":"records"')) {
      down.unshift(down[0]);
    }
  }

  /** Cut the tab's connection; what was under way is lost. */
  cut(tab: Tab): void {
    const { socket } = tab.world;
    this.links.delete(socket);
    if (!socket.closedByClient) {
      socket.drop();
    }
  }

  forget(tab: Tab): void {
    this.links.delete(tab.world.socket);
  }

  /** The agent writes records, and everybody is sent them. */
  record(...events: RoomEvent[]): void {
    const before = this.room.state.seq;
    this.room.record(...events);
    this.broadcast(before);
  }

  /** The log is replaced by one with the same content: the server closes every connection, and all come back. */
  restore(log: string): void {
    this.room.restore(log);
    for (const link of [...this.links.values()]) {
      if (link.greeted) {
        this.cut(link.tab);
      }
    }
  }

  /** The tab was too slow: instead of the records that it missed the server sends everything anew. */
  refresh(tab: Tab): void {
    const link = this.attend(tab);
    if (link.greeted) {
      this.push(link, [this.room.snapshot(), this.room.live()]);
    }
  }

  private broadcast(before: number, except?: Link): void {
    for (const link of this.links.values()) {
      if (link !== except && link.greeted) {
        this.push(link, this.room.after(before));
      }
    }
  }

  private push(link: Link, frames: object[]): void {
    link.down.push(...frames.map(frame => JSON.stringify(frame)));
  }
}
