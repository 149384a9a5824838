import * as React from 'react';

import type { Participant, You } from '../../protocol';
import { NO_CONTEXT } from '../../core/state';
import { lookOf } from '../../view-model/people';
import { UnsentMessage } from './message';
import type { Unsent } from '../../view-model/outgoing';

export interface UnsentRowProps {
  unsent: Unsent;
  you: You;
  everybody: readonly Participant[];
  onDiscard: (commandId: string) => void;
}

/** A message of this person that the server does not have. */
export function UnsentRow({
  unsent,
  you,
  everybody,
  onDiscard
}: UnsentRowProps): JSX.Element | null {
  const { command, refusal } = unsent;
  if (command.type !== 'post_message') {
    return null;
  }
  return (
    <UnsentMessage
      author={you}
      look={lookOf(everybody, you)}
      text={command.text}
      context={{ ...NO_CONTEXT, ...command.context }}
      problem={refusal && `${refusal.message} ${refusal.hint}`.trim()}
      onDiscard={() => onDiscard(unsent.commandId)}
    />
  );
}
