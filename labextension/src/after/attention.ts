import type { IDisposable } from '@lumino/disposable';

/** Whoever pressed a key so lately is writing. */
const WRITES_MS = 2000;
const AWAY = ['wheel', 'touchmove', 'pointerdown'] as const;

/** What a person does in a notebook's page that means: do not scroll it away from me. */
export class Attention implements IDisposable {
  constructor(
    private readonly notebook: HTMLElement,
    private readonly now: () => number
  ) {
    document.addEventListener('keydown', this.onKey, true);
    AWAY.forEach(type => notebook.addEventListener(type, this.onAway, { passive: true }));
  }

  /** Whether the person is writing now, or has moved about in the notebook since then. */
  isElsewhere(since: number): boolean {
    return this.now() - this.pressedAt < WRITES_MS || this.movedAt > since;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    document.removeEventListener('keydown', this.onKey, true);
    AWAY.forEach(type => this.notebook.removeEventListener(type, this.onAway));
  }

  private readonly onKey = ({ key, ctrlKey, metaKey }: KeyboardEvent) => {
    // A key that decides is no writing.
    if (!((ctrlKey || metaKey) && key === 'Enter') && key !== 'Control' && key !== 'Meta') {
      this.pressedAt = this.now();
    }
  };

  private readonly onAway = ({ target }: Event) => {
    if (!(target as HTMLElement).closest('.jp-Copilot-scope')) {
      this.movedAt = this.now();
    }
  };

  private pressedAt = -Infinity;
  private movedAt = -Infinity;
  private _isDisposed = false;
}
