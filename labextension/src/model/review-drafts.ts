import { type ISignal, Signal } from '@lumino/signaling';

import type { Call, CellDiff } from '../protocol';
import type { Taken } from '../view-model/review/partial';

/** The part of a call that says what it would do to each cell now. */
export type Proposal = Pick<Call, 'call_id' | 'preview'>;

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
 * page. It is about the text that was shown: when a change becomes another one, what was meant about it is gone, and
 * when its cell is only elsewhere, as a change before it was made, it stays.
 */
export class ReviewDrafts {
  /** What is meant about a change of a proposal, named by the index of its diff. */
  of({ call_id, preview }: Proposal, index: number): Meant {
    const found = this.drafts.get(`${call_id}.${index}`);
    const diff = preview.cells[index];
    return found !== undefined && diff !== undefined && isSameText(found.diff, diff)
      ? found.meant
      : OPEN;
  }

  set(proposal: Proposal, index: number, change: Partial<Meant>): void {
    const diff = proposal.preview.cells[index];
    if (diff !== undefined) {
      const meant = { ...this.of(proposal, index), ...change };
      this.drafts.set(`${proposal.call_id}.${index}`, { diff, meant });
      this._changed.emit();
    }
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private readonly drafts = new Map<string, { diff: CellDiff; meant: Meant }>();
  private readonly _changed = new Signal<this, void>(this);
}

/** Whether two changes read the same to a person. */
export function isSameText(one: CellDiff, other: CellDiff): boolean {
  return one.action === other.action && one.before === other.before && one.after === other.after;
}

/** How much of a proposal a person does not take as it is: what they rejected, and what they edited or left parts out of. */
export function meantOf(
  drafts: ReviewDrafts,
  proposal: Proposal
): { rejected: number; edited: number } {
  const meant = proposal.preview.cells.map((_, index) => drafts.of(proposal, index));
  const isRejected = ({ mark }: Meant) => mark === 'reject';
  return {
    rejected: meant.filter(isRejected).length,
    edited: meant.filter(each => !isRejected(each) && each.source !== null).length
  };
}

/** What is taken of a change, as it is meant now; what is not marked is `unmarked`. */
export function takenOf({ source, mark }: Meant, unmarked: 'all' | 'none' = 'all'): Taken {
  if (mark === 'reject' || (mark === null && unmarked === 'none')) {
    return 'none';
  }
  return source === null ? 'all' : { source };
}
