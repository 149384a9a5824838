import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { LookedAt } from '../model/looked-at';
import type { OpenNotebook } from '../model/rooms';
import { inNextFrame } from '../notebook/next-frame';
import { type CellChange, changedCells, newsOf } from '../view-model/review/changed-cells';
import { Attention } from './attention';
import { showPill } from './pill';
import { clearStripe, drawStripe, type News, provenanceWords, pulse } from './stripe';

/** What was in sight for so long was looked at. */
const LOOK_MS = 3000;

/** What became of a notebook by agents: what changed is shown once, and stays marked until the person looked at it. */
export class ChangedCells implements IDisposable {
  constructor(
    private readonly notebook: OpenNotebook,
    private readonly trans: TranslationBundle,
    /** What changed from then on, by the server's clock, is shown once. */
    private readonly since: number,
    private readonly showDiff: (change: CellChange) => void
  ) {
    const { room, cells, panel } = notebook;
    this.attention = new Attention(panel.content.node, () => room.model.now());
    room.model.stateChanged.connect(this.schedule, this);
    cells.changed.connect(this.schedule, this);
    document.addEventListener('visibilitychange', this.onVisibility);
    this.schedule();
  }

  /** How many cells changed that this person has not looked at. */
  get count(): number {
    return this.marked.size;
  }

  /** All that changed was reviewed by this person. */
  reviewAll(): void {
    this.looked?.add([...this.marked.values()].map(({ key }) => key));
    this.draw();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      const { room, cells } = this.notebook;
      room.model.stateChanged.disconnect(this.schedule, this);
      cells.changed.disconnect(this.schedule, this);
      document.removeEventListener('visibilitychange', this.onVisibility);
      this.timers.forEach(clearTimeout);
      this.observer.disconnect();
      this.attention.dispose();
    }
  }

  private draw(): void {
    const { state } = this.notebook.room.model;
    if (state === null) {
      return;
    }
    this.looked ??= new LookedAt(localStorage, state.log);
    const changes = changedCells(state);
    this.marked.clear();
    for (const cell of this.content.widgets) {
      const change = changes.get(String(cell.model.id));
      if (change === undefined) {
        clearStripe(cell);
        this.watch(cell, null);
      } else {
        this.mark(cell, change);
      }
    }
    this.tell(changes);
  }

  private mark(cell: Cell, change: CellChange): void {
    const { room } = this.notebook;
    const news: News = this.looked?.has(change.key) ? null : newsOf(change, room.model.you);
    if (news !== null) {
      this.marked.set(cell, change);
    }
    this.watch(cell, news === 'new' ? change : null);
    const words = provenanceWords(change, room.model.now(), this.trans);
    const actions = {
      showDiff: this.showDiff,
      reviewed: ({ key }: CellChange) => this.review(key)
    };
    drawStripe(cell, change, news, words, actions, this.trans);
  }

  private review(key: string): void {
    this.looked?.add([key]);
    this.draw();
  }

  /** A change that only just came is shown: to all by a pulse, and to who let it happen by scrolling there. */
  private tell(changes: ReadonlyMap<string, CellChange>): void {
    const fresh = [...changes.values()].filter(
      ({ key, call }) => call.finished_at >= this.since && !this.told.has(key)
    );
    fresh.forEach(({ key }) => this.told.add(key));
    const cells = new Map(this.content.widgets.map(cell => [String(cell.model.id), cell]));
    const shown = fresh.flatMap(change => {
      const cell = cells.get(change.diff.cell_id);
      return cell === undefined ? [] : [{ change, cell }];
    });
    shown.forEach(({ cell }) => pulse(cell));
    const first = shown.find(({ change }) => this.isOwn(change));
    if (first !== undefined) {
      void this.reveal(first.cell, first.change);
    }
  }

  /** Whether it was let in, or asked for where nobody decides, in this very tab. */
  private isOwn({ call, askedBy }: CellChange): boolean {
    const { state, clientId } = this.notebook.room.model;
    const asked = call.confirmation_id && state?.confirmations[call.confirmation_id];
    const by = asked && asked.status === 'decided' ? asked.by : askedBy;
    return by?.client_id === clientId;
  }

  private async reveal(cell: Cell, change: CellChange): Promise<void> {
    const { cells, panel } = this.notebook;
    if (isInSight(cell.node, this.content.node)) {
      return;
    }
    if (!this.attention.isElsewhere(change.call.started_at ?? 0)) {
      await cells.reveal(cell);
      return;
    }
    const name = cells.name(change.diff.cell_id) ?? change.diff.label;
    showPill(panel.node, cell.node, this.content.node, name, this.trans, () => {
      void cells.reveal(cell);
    });
  }

  /** Notice when a cell was in sight for long enough; null to notice no more. */
  private watch(cell: Cell, change: CellChange | null): void {
    const { node } = cell;
    if (change === null) {
      this.keys.delete(node);
      this.observer.unobserve(node);
      this.stop(node);
    } else if (this.keys.get(node) !== change.key) {
      this.keys.set(node, change.key);
      this.observer.observe(node);
    }
  }

  private stop(node: Element): void {
    clearTimeout(this.timers.get(node));
    this.timers.delete(node);
  }

  private look(node: Element): void {
    this.stop(node);
    if (document.visibilityState === 'visible') {
      this.timers.set(
        node,
        setTimeout(() => {
          const key = this.keys.get(node);
          if (key !== undefined) {
            this.review(key);
          }
        }, LOOK_MS)
      );
    }
  }

  private readonly onVisibility = () => {
    for (const node of [...this.inSight]) {
      this.look(node);
    }
  };

  private readonly observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        this.inSight.add(target);
        this.look(target);
      } else {
        this.inSight.delete(target);
        this.stop(target);
      }
    }
  });

  private get content(): Notebook {
    return this.notebook.panel.content;
  }

  private readonly schedule = inNextFrame(() => {
    if (!this._isDisposed && !this.content.isDisposed) {
      this.draw();
    }
  });
  private readonly attention: Attention;
  private readonly marked = new Map<Cell, CellChange>();
  private readonly keys = new WeakMap<Element, string>();
  private readonly inSight = new Set<Element>();
  private readonly timers = new Map<Element, ReturnType<typeof setTimeout>>();
  private looked: LookedAt | null = null;
  private readonly told = new Set<string>();
  private _isDisposed = false;
}

function isInSight(node: HTMLElement, frame: HTMLElement): boolean {
  const [{ top, bottom }, within] = [node.getBoundingClientRect(), frame.getBoundingClientRect()];
  return node.isConnected && bottom > within.top && top < within.bottom;
}
