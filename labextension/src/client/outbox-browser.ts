/** The outbox in a browser: IndexedDB keeps the commands, Web Locks tell which tabs are alive. */
import type { Cancel } from './environment';
import type { CommandId } from '../protocol';
import { oldestFirst } from './outbox';
import type { Kept, OutboxStore, Tabs } from './outbox';

const DATABASE = 'jupyter-collaborative-copilot';
const STORE = 'outbox';
const BY_SCOPE = 'scope';

/** Entries in IndexedDB, shared by all tabs of the origin. */
export class IndexedDbStore implements OutboxStore {
  private database: Promise<IDBDatabase> | null = null;

  constructor(private readonly factory: IDBFactory) {}

  async put(entry: Kept): Promise<void> {
    await this.run('readwrite', store => store.put(entry));
  }

  async remove(commandId: CommandId): Promise<void> {
    await this.run('readwrite', store => store.delete(commandId));
  }

  async all(scope: string): Promise<Kept[]> {
    return oldestFirst(await this.run('readonly', store => store.index(BY_SCOPE).getAll(scope)));
  }

  /** Do one thing with the store, and wait until it is done for good. */
  private async run<T>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<T>
  ): Promise<T> {
    const database = await this.open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
  }

  private open(): Promise<IDBDatabase> {
    this.database ??= this.connect().catch((error: unknown) => {
      this.database = null; // try again with the next command
      throw error;
    });
    return this.database;
  }

  private connect(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = this.factory.open(DATABASE, 1);
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: 'command_id' });
        store.createIndex(BY_SCOPE, 'scope');
      };
      request.onsuccess = () => {
        const database = request.result;
        database.onversionchange = () => {
          database.close(); // a newer version of the extension wants it
          this.database = null;
        };
        resolve(database);
      };
      request.onerror = () => reject(request.error ?? new Error('IndexedDB cannot be opened'));
    });
  }
}

/** Owners known by a lock that each holds as long as it lives. */
export class LockedTabs implements Tabs {
  constructor(private readonly locks: LockManager) {}

  announce(owner: string): Cancel {
    let release: Cancel = () => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    this.locks.request(lockOf(owner), () => held).catch(() => undefined); // ends with the page, at the latest
    return release;
  }

  async isAlive(owner: string): Promise<boolean> {
    return this.locks.request(lockOf(owner), { ifAvailable: true }, lock => lock === null);
  }
}

/** For pages without Web Locks, such as those served by plain HTTP: every tab may take over from every other. */
export const unknownTabs: Tabs = {
  announce: () => () => undefined,
  isAlive: async () => false
};

function lockOf(owner: string): string {
  return `${DATABASE}:${owner}`;
}
