/** Whether code is completed, by which model, and what was sent: what the status bar tells, and what is asked before a request. */
import { type ISignal, Signal } from '@lumino/signaling';

import type { Problem } from './answer';
import type { CompletionModel, Offer, Sent } from './wire';

/** What the person chose; `auto` is on where it costs nothing, `invoke` waits for a key. */
export type Wish = 'auto' | 'on' | 'invoke' | 'off';

export interface Wishes {
  readonly completion: Wish;
  readonly completionModel: string;
}

/** When it asks: at each pause in typing, when told to, or not at all. */
export type Mode = 'typing' | 'invoke' | 'off';

const NOTHING: Offer = { allowed: false, models: [], unasked: false };
const SLOW_MS = 1500;
const MEASURED = 10;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;

export class CompletionSwitch {
  constructor(
    private readonly wishes: () => Wishes,
    private readonly now: () => number
  ) {}

  offer: Offer = NOTHING;

  /** The last request: what went where. */
  sent: Sent | null = null;

  /** Why the last request failed; null when it did not. */
  problem: Problem | null = null;

  /** How many requests went out since the page was loaded. */
  count = 0;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get mode(): Mode {
    const { offer } = this;
    const { completion } = this.wishes();
    if (!offer.allowed || this.model === null || completion === 'off') {
      return 'off';
    }
    if (completion === 'auto') {
      return this.model.costs ? 'off' : 'typing';
    }
    return completion === 'on' ? 'typing' : 'invoke';
  }

  /** The model that is asked: the chosen one as long as it is there, else the server's first. */
  get model(): CompletionModel | null {
    const { models } = this.offer;
    return models.find(each => each.name === this.wishes().completionModel) ?? models[0] ?? null;
  }

  /** Whether the model took so long of late that an answer would come too late for somebody who types. */
  get isSlow(): boolean {
    const sorted = [...this.times].sort((a, b) => a - b);
    return sorted.length >= 5 && sorted[Math.floor(sorted.length / 2)]! > SLOW_MS;
  }

  /** Whether to ask without having been told to. */
  get asksUnasked(): boolean {
    return this.mode === 'typing' && !this.isSlow && this.now() >= this.pausedUntil;
  }

  take(offer: Offer): void {
    this.offer = offer;
    this._changed.emit();
  }

  /** The person chose something else: what was learnt of speed and failures counts no more. */
  reconsider(): void {
    this.times.length = 0;
    this.pausedUntil = 0;
    this.problem = null;
    this._changed.emit();
  }

  went(sent: Sent): void {
    this.count += 1;
    this.sent = sent;
    this._changed.emit();
  }

  /** An answer began after so long. */
  answered(ms: number): void {
    this.times.push(ms);
    this.times.splice(0, this.times.length - MEASURED);
    this.pauseMs = FIRST_PAUSE_MS;
    this.problem = null;
    this._changed.emit();
  }

  /** A request failed: typing asks again only after a while, which grows. */
  failed(problem: Problem): void {
    this.problem = problem;
    this.pausedUntil = this.now() + this.pauseMs;
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
    this._changed.emit();
  }

  private readonly times: number[] = [];
  private pausedUntil = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private readonly _changed = new Signal<this, void>(this);
}
