import * as React from 'react';

/** Which of the cards in a conversation their reader could see all of, so that several can be decided at once. */
export class SeenStore {
  /** Say whether all of what a key names could be seen. */
  report(key: string, all: boolean): void {
    if (this.seen.has(key) !== all) {
      if (all) {
        this.seen.add(key);
      } else {
        this.seen.delete(key);
      }
      this.listeners.forEach(listener => listener());
    }
  }

  /** Whether all of what these keys name could be seen. */
  hasAll(keys: readonly string[]): boolean {
    return keys.every(key => this.seen.has(key));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private readonly seen = new Set<string>();
  private readonly listeners = new Set<() => void>();
}

/** The store of the conversation around; cards outside of one have their own. */
export const SeenContext = React.createContext(new SeenStore());

/** What names a card as it is shown: once it turned, it has to be seen anew. */
export function seenKey(confirmation: { confirmation_id: string; args_hash: string }): string {
  return `${confirmation.confirmation_id} ${confirmation.args_hash}`;
}

/** Tell the conversation whether all of this card could be seen. */
export function useReportSeen(key: string, all: boolean): void {
  const store = React.useContext(SeenContext);
  React.useEffect(() => {
    store.report(key, all);
    return () => store.report(key, false);
  }, [store, key, all]);
}

/** Whether all of these cards could be seen. */
export function useAllSeen(keys: readonly string[]): boolean {
  const store = React.useContext(SeenContext);
  return React.useSyncExternalStore(store.subscribe, () => store.hasAll(keys));
}
