/**
 * Commands that are kept until the server has answered them, also when the tab is reloaded or closed meanwhile.
 *
 * Sending a command twice is harmless, because its id makes the server answer the second as it did the first. So the
 * rules here need only be good, not perfect: an entry belongs to the tab that made it, and a tab takes over those of
 * tabs that are gone.
 */
import type { Cancel } from './environment';
import type { Command, CommandId } from '../protocol';

/** A command that waits for its answer, as it is stored. */
export interface Kept {
  readonly command_id: CommandId;
  readonly command: Command;
  /** The notebook that it is for: server and path. */
  readonly scope: string;
  /** Whose command it is; null when the server had not yet said who this is. */
  readonly user: string | null;
  /** The tab that sends it. */
  readonly owner: string;
  /** When it was made, in unix ms of the tab's clock. */
  readonly at: number;
  /** Whether it may have reached the server. */
  readonly tried: boolean;
}

/** Where entries are stored. Methods reject when the store does not work. */
export interface OutboxStore {
  put(entry: Kept): Promise<void>;
  remove(commandId: CommandId): Promise<void>;
  /** The entries for a notebook, oldest first. */
  all(scope: string): Promise<Kept[]>;
}

/** Which owners of entries are alive. */
export interface Tabs {
  /** Be known as alive until the returned function is called, or the tab is gone. */
  announce(owner: string): Cancel;
  /** Whether this owner is alive; false when that cannot be known. */
  isAlive(owner: string): Promise<boolean>;
}

/** Entries older than this are given up: nobody expects last week's question to be asked now. */
export const KEPT_FOR_MS = 7 * 24 * 3600 * 1000;

export interface OutboxOptions {
  readonly store: OutboxStore;
  readonly tabs: Tabs;
  readonly scope: string;
  readonly owner: string;
}

/** The kept commands of one tab for one notebook. */
export class Outbox {
  /** What is kept is there for others to take over from now on. */
  readonly close: Cancel;
  private scope: string;

  constructor(private readonly options: OutboxOptions) {
    this.scope = options.scope;
    this.close = options.tabs.announce(options.owner);
  }

  /** Store a command of this tab, or what became known of it. */
  async keep(entry: Omit<Kept, 'scope' | 'owner'>): Promise<void> {
    await this.options.store.put({ ...entry, scope: this.scope, owner: this.options.owner });
  }

  async forget(commandId: CommandId): Promise<void> {
    await this.options.store.remove(commandId);
  }

  /** Take over what tabs that are gone left for this user, oldest first. */
  async adopt(user: string): Promise<Kept[]> {
    const { store, tabs, owner } = this.options;
    const adopted: Kept[] = [];
    for (const entry of await store.all(this.scope)) {
      const isTheirs = entry.user !== null && entry.user !== user;
      if (entry.owner !== owner && !isTheirs && !(await tabs.isAlive(entry.owner))) {
        adopted.push({ ...entry, user, owner });
      }
    }
    await Promise.all(adopted.map(entry => store.put(entry)));
    return adopted;
  }

  /** The notebook is called otherwise from now on. */
  async move(scope: string): Promise<void> {
    const { store, owner } = this.options;
    const before = this.scope;
    this.scope = scope;
    const mine = (await store.all(before)).filter(entry => entry.owner === owner);
    await Promise.all(mine.map(entry => store.put({ ...entry, scope })));
  }
}

/** Keeps entries as long as the page lives. */
export class MemoryStore implements OutboxStore {
  private readonly entries = new Map<CommandId, Kept>();

  async put(entry: Kept): Promise<void> {
    this.entries.set(entry.command_id, entry);
  }

  async remove(commandId: CommandId): Promise<void> {
    this.entries.delete(commandId);
  }

  async all(scope: string): Promise<Kept[]> {
    return oldestFirst([...this.entries.values()].filter(entry => entry.scope === scope));
  }
}

/** Command ids are UUIDv7s: their order is the order in which the commands were made. */
export function oldestFirst(entries: Kept[]): Kept[] {
  return entries.sort((a, b) => (a.command_id < b.command_id ? -1 : 1));
}
