/** The answers of late: no place is asked about twice. */
import type { Answer } from './answer';
import type { Spot } from './place';

const KEPT = 100;

export class Answers {
  /** The newest answer that still fits the place: for its very prefix, or typed along since. */
  find(spot: Spot): Answer | null {
    const fits = (answer: Answer) =>
      answer.spot.key === spot.key &&
      !answer.wasCut &&
      answer.problem === null &&
      answer.rest(spot) !== null;
    return this.kept.find(fits) ?? null;
  }

  add(answer: Answer): void {
    this.kept.unshift(answer);
    this.kept.length = Math.min(this.kept.length, KEPT);
  }

  clear(): void {
    this.kept.length = 0;
  }

  private readonly kept: Answer[] = [];
}
