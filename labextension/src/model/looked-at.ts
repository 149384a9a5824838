const PREFIX = 'jupyter-collaborative-copilot:looked-at:';
const MOST = 500;

/** Which changes of a notebook this person has looked at, by their keys; kept in the browser. */
export class LookedAt {
  /** Without a storage they are kept only as long as the page lives. */
  constructor(
    private readonly storage: Storage | null,
    log: string
  ) {
    this.name = PREFIX + log;
    this.keys = new Set(this.read());
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  add(keys: Iterable<string>): void {
    for (const key of keys) {
      this.keys.delete(key);
      this.keys.add(key);
    }
    try {
      this.storage?.setItem(this.name, JSON.stringify([...this.keys].slice(-MOST)));
    } catch {
      // A full or forbidden storage only means that they are marked again in the next page.
    }
  }

  private read(): string[] {
    try {
      return JSON.parse(this.storage?.getItem(this.name) ?? '[]') as string[];
    } catch {
      return [];
    }
  }

  private readonly name: string;
  private readonly keys: Set<string>;
}
