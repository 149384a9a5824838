/** One answer of the model: what it says at a place, while it comes and afterwards. */
import type { Spot } from './place';
import type { Ask, Asked, Sent } from './wire';

export interface Problem {
  readonly message: string;
  readonly hint: string;
}

export class Answer {
  constructor(readonly spot: Spot) {}

  /** All of it so far. */
  text = '';
  sent: Sent | null = null;
  problem: Problem | null = null;
  /** Whether nothing follows any more. */
  isOver = false;
  /** Whether it was ended before its end, so that it is not the answer for its place. */
  wasCut = false;
  /** How long its first text took. */
  firstMs: number | null = null;

  /** Have it come. Resolves at its end, whatever the end is. */
  async come(ask: Ask, asked: Asked, now: () => number): Promise<void> {
    const began = now();
    try {
      for await (const line of ask(asked, this.controller.signal)) {
        if (line.type === 'text') {
          this.firstMs ??= now() - began;
          this.text = line.text;
        } else if (line.type === 'sent') {
          this.sent = line;
        } else if (line.type === 'problem') {
          this.problem = line.problem;
        }
        this.tell();
      }
    } catch (error) {
      if (!this.wasCut) {
        this.problem = { message: String(error), hint: '' };
      }
    }
    this.isOver = true;
    this.tell();
  }

  /** Have the model stop; nothing happens once it is over. */
  cut(): void {
    if (!this.isOver) {
      this.wasCut = true;
      this.controller.abort();
    }
  }

  /** What of it is still to be written behind this prefix; null when it says something else there. */
  rest({ prefix, suffix }: Spot): string | null {
    const { spot, text, isOver } = this;
    if (suffix !== spot.suffix || !prefix.startsWith(spot.prefix)) {
      return null;
    }
    const typed = prefix.slice(spot.prefix.length);
    if (text.startsWith(typed)) {
      return text.slice(typed.length);
    }
    return !isOver && typed.startsWith(text) ? '' : null;
  }

  /** Wait until there is more of it, or until it is over. */
  async grew(): Promise<void> {
    if (!this.isOver) {
      await new Promise<void>(resolve => this.waiting.push(resolve));
    }
  }

  private tell(): void {
    this.waiting.splice(0).forEach(resolve => resolve());
  }

  private readonly waiting: (() => void)[] = [];
  private readonly controller = new AbortController();
}
