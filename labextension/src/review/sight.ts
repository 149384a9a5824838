import type { IDisposable } from '@lumino/disposable';

import type { Change } from '../view-model/review/changes';

/** Remembers which proposals were in sight to their end: nobody accepts what they could not see. */
export class Sight implements IDisposable {
  constructor(private readonly changed: () => void) {}

  /** Whether all of a change, as it is proposed now, was in sight. */
  has(change: Change): boolean {
    return this.seen.has(keyOf(change));
  }

  /** Follow the end of a change, until it is given as null. */
  follow(change: Change, end: HTMLElement | null): void {
    const before = this.ends.get(change.key);
    if (before !== undefined && before !== end) {
      this.observer.unobserve(before);
      this.ends.delete(change.key);
    }
    if (end !== null) {
      this.ends.set(change.key, end);
      this.names.set(end, keyOf(change));
      this.observer.unobserve(end);
      this.observer.observe(end);
    }
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this.observer.disconnect();
  }

  private readonly observer = new IntersectionObserver(entries => {
    const count = this.seen.size;
    for (const { isIntersecting, target } of entries) {
      const name = this.names.get(target);
      if (isIntersecting && name !== undefined) {
        this.seen.add(name);
      }
    }
    if (this.seen.size > count) {
      this.changed();
    }
  });
  private readonly seen = new Set<string>();
  private readonly ends = new Map<string, HTMLElement>();
  private readonly names = new WeakMap<Element, string>();
  private _isDisposed = false;
}

/** What is proposed anew has to be seen anew. */
function keyOf({ key, confirmation }: Change): string {
  return `${key} ${confirmation.args_hash}`;
}
