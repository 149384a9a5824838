import type { Participant } from '../protocol';

/** Whom a page has seen in a room, so that people keep their looks when they leave or the connection is lost. */
export interface Acquaintance {
  /** Everybody seen since the page opened, as they were seen last. */
  readonly everybody: readonly Participant[];
  /** Who was here when that was last known. */
  readonly latest: readonly Participant[];
}

export const NOBODY: Acquaintance = { everybody: [], latest: [] };

/** The acquaintance after these were seen here; `everybody` stays the same list while nobody looks different. */
export function acquainted(
  { everybody, latest }: Acquaintance,
  here: readonly Participant[]
): Acquaintance {
  const news = here.filter(one => !everybody.some(known => looksAlike(known, one)));
  const others = everybody.filter(known => !news.some(one => isSame(known, one)));
  return {
    everybody: news.length > 0 ? [...others, ...news] : everybody,
    latest: here.length > 0 ? here : latest
  };
}

function isSame(a: Participant, b: Participant): boolean {
  return a.kind === b.kind && a.id === b.id;
}

function looksAlike(a: Participant, b: Participant): boolean {
  return isSame(a, b) && a.name === b.name && a.color === b.color && a.initials === b.initials;
}
