import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Participant } from '../../protocol';
import { Avatar } from './avatar';
import { useTrans } from '../shared/services';
import { listNames } from '../../view-model/wording';

const SHOWN = 4;

export interface PeopleProps {
  participants: readonly Participant[];
  /** Who was here when that was last known: shown faintly while it is not. */
  latest: readonly Participant[];
}

/** Who is here: one mark per person, whatever their number of tabs, and the agent. */
export function People({ participants, latest }: PeopleProps): JSX.Element {
  const trans = useTrans();
  const isKnown = participants.length > 0;
  const people = distinctPeople(isKnown ? participants : latest);
  const names = [...people.map(p => p.name), trans.__('the copilot')];
  const listed = listNames(names, trans);
  const label = hereLabel(isKnown, people, listed, trans);
  const shown = people.length > SHOWN ? people.slice(0, SHOWN - 1) : people;
  return (
    <div
      className={`jp-Copilot-people ${isKnown ? '' : 'jp-mod-past'}`}
      role="img"
      aria-label={label}
      title={isKnown ? names.join('\n') : label}
    >
      {shown.map(person => (
        <Avatar key={person.id} {...person} />
      ))}
      {people.length > shown.length && (
        <span className="jp-Copilot-avatar jp-mod-more" aria-hidden="true">
          +{people.length - shown.length}
        </span>
      )}
      <Avatar kind="agent" id="copilot" name={trans.__('Copilot')} />
    </div>
  );
}

function hereLabel(
  isKnown: boolean,
  people: Participant[],
  listed: string,
  trans: TranslationBundle
): string {
  if (people.length === 0) {
    return isKnown ? trans.__('Only the copilot is here') : trans.__('Not connected yet');
  }
  return isKnown
    ? trans.__('%1 are here', listed)
    : trans.__('Not connected. Last seen here: %1', listed);
}

/** The participants, one entry per person or kernel, in the order in which they came. */
export function distinctPeople(participants: readonly Participant[]): Participant[] {
  const seen = new Map<string, Participant>();
  for (const participant of participants) {
    const key = `${participant.kind} ${participant.id}`;
    if (participant.kind !== 'agent' && participant.kind !== 'server' && !seen.has(key)) {
      seen.set(key, participant);
    }
  }
  return [...seen.values()];
}
