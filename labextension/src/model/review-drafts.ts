import { type ISignal, Signal } from '@lumino/signaling';

import type { Open } from '../protocol';
import type { Taken } from '../view-model/review/partial';

/** The part of a confirmation that says what it is about now. */
export type About = Pick<Open, 'confirmation_id' | 'args_hash'>;

/** What a person means about one change. */
export interface Meant {
  /** The source that they want instead of the one proposed. */
  readonly source: string | null;
  /** What they marked, where several changes are decided together. */
  readonly mark: 'accept' | 'reject' | null;
}

const OPEN: Meant = { source: null, mark: null };

/**
 * What this person means to take of proposals that wait, before they decide: the same for the cells and the panel of a
 * page. When a proposal becomes another one, what was meant about it is gone.
 */
export class ReviewDrafts {
  /** What is meant about a change of a proposal, named by the index of its diff. */
  of({ confirmation_id, args_hash }: About, index: number): Meant {
    const found = this.drafts.get(confirmation_id);
    return (found?.hash === args_hash ? found.meant.get(index) : undefined) ?? OPEN;
  }

  set(about: About, index: number, change: Partial<Meant>): void {
    const { confirmation_id, args_hash } = about;
    const found = this.drafts.get(confirmation_id);
    const meant = new Map(found?.hash === args_hash ? found.meant : []);
    meant.set(index, { ...this.of(about, index), ...change });
    this.drafts.set(confirmation_id, { hash: args_hash, meant });
    this._changed.emit();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private readonly drafts = new Map<string, { hash: string; meant: ReadonlyMap<number, Meant> }>();
  private readonly _changed = new Signal<this, void>(this);
}

/** How much of a proposal a person does not take as it is: what they rejected, and what they edited or left parts out of. */
export function meantOf(
  drafts: ReviewDrafts,
  about: About,
  changes: number
): { rejected: number; edited: number } {
  let [rejected, edited] = [0, 0];
  for (let index = 0; index < changes; index += 1) {
    const { mark, source } = drafts.of(about, index);
    rejected += mark === 'reject' ? 1 : 0;
    edited += mark !== 'reject' && source !== null ? 1 : 0;
  }
  return { rejected, edited };
}

/** What is taken of a change, as it is meant now; what is not marked is `unmarked`. */
export function takenOf({ source, mark }: Meant, unmarked: 'all' | 'none' = 'all'): Taken {
  if (mark === 'reject' || (mark === null && unmarked === 'none')) {
    return 'none';
  }
  return source === null ? 'all' : { source };
}
