import type { TranslationBundle } from '@jupyterlab/translation';

import type { Actor, Participant, You } from '../protocol';

/** How somebody is drawn; what is unknown follows from their id and name. */
export interface Look {
  color?: string | null;
  initials?: string | null;
}

/** The colour and initials of somebody, when they are or were here. */
export function lookOf(everybody: readonly Participant[], actor: Pick<Actor, 'kind' | 'id'>): Look {
  const found = everybody.find(p => p.id === actor.id && p.kind === actor.kind);
  return { color: found?.color, initials: found?.initials };
}

/** The names of the others who look at a confirmation now. */
export function reviewersOf(
  participants: readonly Participant[],
  confirmationId: string,
  you: You | null
): string[] {
  const others = participants.filter(p => p.reviewing === confirmationId && p.id !== you?.id);
  return [...new Set(others.map(p => p.name))];
}

/** Why this person may not decide, in a sentence; null when they may. */
export function barredFrom(
  confirmation: { policy: { right: string; not_opener: boolean }; opened_by: Actor },
  you: You | null,
  trans: TranslationBundle
): string | null {
  if (you === null) {
    return trans.__('You can decide once you are connected.');
  }
  if (!you.can.some(right => right === confirmation.policy.right)) {
    return trans.__('You may watch; somebody else here has to decide this.');
  }
  if (confirmation.policy.not_opener && confirmation.opened_by.id === you.id) {
    return trans.__('Somebody else than you has to decide this.');
  }
  return null;
}
