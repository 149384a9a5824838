import type { TranslationBundle } from '@jupyterlab/translation';

import { notCounted } from '../core/permissions/deciders';
import { bar } from '../core/policy';
import type { Actor, Confirmation, Participant, Run, You } from '../protocol';

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
  confirmation: Confirmation,
  you: You | null,
  trans: TranslationBundle,
  run: Pick<Run, 'asked_by' | 'joined'> | null = null,
  now = 0
): string | null {
  if (you === null) {
    return trans.__('You can decide once you are connected.');
  }
  const { policy, opened_by } = confirmation;
  const askers = run === null ? [opened_by] : [run.asked_by, ...run.joined.map(each => each.by)];
  switch (notCounted(policy, you, askers, now)) {
    case 'asker':
      return trans.__('You asked for this, so others have to decide it.');
    case 'named':
      return trans.__(
        'This is for others to decide: %1.',
        [...policy.people, ...policy.groups].join(', ')
      );
    case null:
  }
  if (confirmation.votes.some(vote => vote.by.id === you.id)) {
    return trans.__('You approved this; others must agree, too.');
  }
  const { confirmation_id, args_hash } = confirmation;
  const asked = { calls: {}, confirmations: { [confirmation_id]: confirmation } };
  const decide = { type: 'decide', confirmation_id, args_hash, option: '' } as const;
  switch (bar(asked, decide, { kind: 'person', id: you.id }, you.can)) {
    case null:
      return null;
    case 'opener':
      return trans.__('You asked for this yourself, so somebody else has to decide.');
    case 'decide':
      return trans.__('Decisions are made in a signed-in browser, not with a token.');
    case 'execute':
      return trans.__(
        'This runs code, which you may not approve. Somebody else here has to decide.'
      );
    default:
      return trans.__('You can watch; somebody else has to decide this.');
  }
}
