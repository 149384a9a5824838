import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import { surpriseIn } from '../core/permissions/by-itself';
import type { OpenNotebook } from '../model/rooms';
import type { Preferences } from '../model/preferences';
import { takenOf } from '../model/review-drafts';
import { inNextFrame } from '../notebook/next-frame';
import type { Services } from '../ui/shared/services';
import {
  type Change,
  confirmationsOf,
  openChanges,
  sourcesBefore
} from '../view-model/review/changes';
import type { Decision } from '../view-model/decision';
import { decisionOf, isDivisible, type Taken } from '../view-model/review/partial';
import { CellProposal, type Surroundings } from './cell-proposal';
import { type Place, place, placeOf } from './placing';
import { ReviewBarWidget } from './review-bar';
import { Sight } from './sight';
import { unix } from './drawn-change';

const REVIEWED = 'jp-Copilot-underReview';
const AWAITED = 'jp-Copilot-awaitsReview';

interface Placed extends Place {
  change: Change;
}

/**
 * Draws what waits for a decision in the cells of one notebook, and keeps it as the room has it.
 *
 * The notebook's model is never touched: what is drawn stands in the layouts of its cells, and goes with the confirmation.
 */
export class NotebookReview implements IDisposable {
  constructor(
    private readonly notebook: OpenNotebook,
    private readonly services: Services,
    private readonly preferences: Preferences
  ) {
    const { room, cells } = notebook;
    this.bar = new ReviewBarWidget(services, {
      onNext: () => this.go(1),
      onPrevious: () => this.go(-1),
      onAcceptAll: () => this.acceptAll(),
      onRejectAll: () => this.rejectAll()
    });
    room.changed.connect(this.schedule, this);
    room.review.changed.connect(this.schedule, this);
    preferences.changed.connect(this.schedule, this);
    cells.changed.connect(this.schedule, this);
    this.schedule();
  }

  /** Go to the next or the previous change; false when there is none. */
  go(step: 1 | -1): boolean {
    const { placed } = this;
    if (placed.length === 0) {
      return false;
    }
    const at = placed.findIndex(({ change }) => change.key === this.visited);
    const index = at < 0 ? (step > 0 ? 0 : placed.length - 1) : at + step;
    void this.visit(placed[(index + placed.length) % placed.length]!);
    return true;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    const { room, cells } = this.notebook;
    room.changed.disconnect(this.schedule, this);
    room.review.changed.disconnect(this.schedule, this);
    this.preferences.changed.disconnect(this.schedule, this);
    cells.changed.disconnect(this.schedule, this);
    this.proposals.forEach(each => each.dispose());
    this.sight.dispose();
    this.bar.dispose();
  }

  private draw(): void {
    const { state } = this.notebook.room.model;
    const isWanted = this.preferences.values.reviewInCells;
    const changes = isWanted && state !== null ? openChanges(state) : [];
    const focused = this.placed.findIndex(({ change }) =>
      this.proposals.get(change.key)?.widget.node.contains(document.activeElement)
    );
    this.place(changes);
    const hadFocus = this.drop(changes);
    this.placed.forEach((each, index) => this.show(each, index, changes));
    this.mark();
    this.showBar();
    if (hadFocus) {
      this.giveFocusOn(focused);
    }
  }

  /** Finds the place of each change, and brings them into the order of the notebook. */
  private place(changes: readonly Change[]): void {
    const cells = this.content.widgets;
    const placed = changes.flatMap(change => {
      const found = placeOf(change, changes, cells);
      return found === null ? [] : [{ ...found, change }];
    });
    const order = new Map(cells.map((cell, index) => [cell, index]));
    const spots = { start: 0, input: 1, end: 2 };
    const rank = ({ cell, spot }: Placed) => order.get(cell)! * 3 + spots[spot];
    this.placed = placed.sort((a, b) => rank(a) - rank(b));
    for (const { cell, spot } of this.placed) {
      const here = this.placed.filter(each => each.cell === cell && each.spot === spot);
      const isPlaced = place(
        cell,
        spot,
        here.map(({ change }) => this.proposal(change).widget)
      );
      cell.node.classList.toggle(AWAITED, !isPlaced);
      if (!isPlaced) {
        // It has no layout before it was in sight.
        void cell.ready.then(() => this.schedule());
      }
    }
  }

  private proposal(change: Change): CellProposal {
    let found = this.proposals.get(change.key);
    if (found === undefined || found.widget.isDisposed) {
      // A cell that is made anew, as when the notebook is loaded again, has lost what stood in it.
      found = new CellProposal(this.surroundings, change, found);
      this.proposals.set(change.key, found);
    }
    return found;
  }

  /**
   * Takes away what is drawn no longer; whether the focus was in what is decided. What waits while its cells are away, as
   * when a notebook is loaded again, keeps what this person wrote in it, and the focus.
   */
  private drop(changes: readonly Change[]): boolean {
    const placed = new Set(this.placed.map(({ change }) => change.key));
    const open = new Set(changes.map(({ key }) => key));
    let hadFocus = false;
    for (const [key, proposal] of this.proposals) {
      if (!open.has(key)) {
        hadFocus ||= proposal.widget.node.contains(document.activeElement);
        this.proposals.delete(key);
      }
      if (!placed.has(key)) {
        proposal.dispose();
      }
    }
    return hadFocus;
  }

  private show({ change, cell }: Placed, index: number, changes: readonly Change[]): void {
    const { diff } = change;
    const base =
      sourcesBefore(changes, change).get(diff.cell_id) ?? cell.model.sharedModel.getSource();
    this.proposal(change).show(change, {
      cell,
      position: index + 1,
      total: this.placed.length,
      isShared: this.siblings(change).length > 1 && isDivisible(change.call),
      together: isDivisible(change.call) ? 1 : this.siblings(change).length,
      stale:
        (diff.action !== 'insert' && diff.before !== null && unix(base) !== unix(diff.before)) ||
        changes.some(each => each.confirmation === change.confirmation && !this.isPlaced(each))
    });
  }

  /** Marks the cells whose own input is hidden while what would come of it is shown. */
  private mark(): void {
    for (const cell of this.content.widgets) {
      const here = this.placed.filter(each => each.cell === cell && each.spot === 'input');
      const proposals = here.map(({ change }) => this.proposal(change));
      const isHidden = proposals.length > 0 && proposals.every(each => each.hidesCurrent);
      cell.node.classList.toggle(REVIEWED, isHidden);
    }
  }

  private showBar(): void {
    const { room, panel } = this.notebook;
    const { changes } = this;
    const requesters = new Set(changes.map(({ run }) => run?.asked_by.name ?? ''));
    const proposals = changes.map(change => this.proposal(change));
    this.bar.draw(panel, {
      total: changes.length,
      position: changes.findIndex(({ key }) => key === this.visited) + 1,
      requester: requesters.size === 1 ? ([...requesters][0] ?? null) : null,
      isRest: changes.some(change => room.review.of(change.call, change.index).mark !== null),
      unseen: changes.filter(change => !isAlone(change) && !this.sight.has(change)).length,
      alone: changes.filter(isAlone).length,
      canDecide: proposals.some(each => each.canDecide),
      sending: proposals.some(each => each.isSending)
    });
  }

  /** Whether a change is in sight at all: its cell may be gone. */
  private isPlaced({ key }: Change): boolean {
    return this.placed.some(({ change }) => change.key === key);
  }

  private siblings(change: Change): Placed[] {
    return this.placed.filter(each => each.change.confirmation === change.confirmation);
  }

  /** The decision about a proposal, as it is meant now; what is not marked is taken, or not. */
  private decision({ confirmation, call }: Change, unmarked: 'all' | 'none'): Decision {
    const { review } = this.notebook.room;
    const id = confirmation.confirmation_id;
    const taken = call.preview.cells.map((_, index): Taken | null =>
      this.isDrawn(id, index) ? takenOf(review.of(call, index), unmarked) : null
    );
    const isNone = taken.every(part => part === null || part === 'none');
    return decisionOf(
      call,
      new Map(taken.map((part, index) => [index, part ?? (isNone ? 'none' : 'all')]))
    );
  }

  private decide(changes: readonly Change[], unmarked: 'all' | 'none'): void {
    const decisions = confirmationsOf(changes).map(confirmation => {
      const change = changes.find(each => each.confirmation === confirmation)!;
      return [confirmation.confirmation_id, this.decision(change, unmarked)] as const;
    });
    this.notebook.room.decideEach(new Map(decisions));
  }

  private isDrawn(id: string, index: number): boolean {
    return this.placed.some(
      ({ change }) => change.confirmation.confirmation_id === id && change.index === index
    );
  }

  /** One of several changes that are decided together is marked; the last mark decides. */
  private settle(change: Change, mark: 'accept' | 'reject'): void {
    const { review } = this.notebook.room;
    const siblings = this.siblings(change);
    if (siblings.length === 1 || !isDivisible(change.call)) {
      const unseen = siblings.find(each => each.change !== change && !this.sight.has(each.change));
      if (mark === 'accept' && unseen !== undefined) {
        void this.visit(unseen); // What is done all or none is seen to the end before.
        return;
      }
      this.decide([change], mark === 'accept' ? 'all' : 'none');
      return;
    }
    review.set(change.call, change.index, { mark });
    const isLast = siblings.every(
      each => review.of(each.change.call, each.change.index).mark !== null
    );
    if (isLast) {
      this.decide([change], 'none');
    } else {
      this.go(1);
    }
  }

  /** Takes all that holds no surprise; what does is accepted by itself, where it stands. */
  private acceptAll(): void {
    const together = this.placed.filter(({ change }) => !isAlone(change));
    const unseen = together.find(({ change }) => !this.sight.has(change));
    if (unseen !== undefined) {
      void this.visit(unseen);
      return;
    }
    this.decide(
      together.map(({ change }) => change),
      'all'
    );
    const alone = this.placed.find(({ change }) => isAlone(change));
    if (alone !== undefined) {
      void this.visit(alone);
    }
  }

  private rejectAll(): void {
    this.decide(this.changes, 'none');
  }

  private get changes(): Change[] {
    return this.placed.map(({ change }) => change);
  }

  /** Bring a change into sight and give it the focus. */
  private async visit({ change, cell }: Placed): Promise<void> {
    this.visited = change.key;
    const { activeElement } = document;
    await this.notebook.cells.reveal(cell);
    await cell.ready;
    if (![activeElement, document.body].includes(document.activeElement)) {
      return; // The person has gone elsewhere meanwhile, and may be writing there.
    }
    if (this.visited !== change.key) {
      return; // Or on to another change.
    }
    this.draw();
    const { widget } = this.proposal(change);
    widget.node.scrollIntoView({ block: 'nearest' });
    widget.node.focus({ preventScroll: true });
  }

  /** After a decision the focus goes to the change that stands in its place now, or back to the notebook. */
  private giveFocusOn(index: number): void {
    const next = this.placed[index] ?? this.placed[0];
    if (next === undefined) {
      this.content.node.focus({ preventScroll: true });
    } else {
      void this.visit(next);
    }
  }

  private get content(): Notebook {
    return this.notebook.panel.content;
  }

  private get surroundings(): Surroundings {
    const { notebook, services, sight } = this;
    return {
      notebook,
      services,
      sight,
      settle: (change, mark) => this.settle(change, mark),
      redraw: () => this.schedule(),
      go: step => this.go(step),
      acceptAll: () => this.acceptAll(),
      visited: change => {
        this.visited = change.key;
        this.showBar();
      }
    };
  }

  /** Much may change at once, and models tell of it while they change. */
  private readonly schedule = inNextFrame(() => {
    if (!this._isDisposed && !this.content.isDisposed) {
      this.draw();
    }
  });
  private readonly sight = new Sight(() => this.schedule());
  private readonly bar: ReviewBarWidget;
  private readonly proposals = new Map<string, CellProposal>();
  private placed: Placed[] = [];
  private visited = '';
  private _isDisposed = false;
}

/** Whether a change is accepted by itself only. */
function isAlone({ call }: Change): boolean {
  return surpriseIn(call) !== null;
}
