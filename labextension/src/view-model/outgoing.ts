import type { Command } from '../protocol';
import type { Refusal } from './decision';

/** A command of this person that is on its way, or was refused. */
export interface Unsent {
  commandId: string;
  command: Command;
  /** Null while it is on its way. */
  refusal: Refusal | null;
}

/** Whether a decision about this confirmation is on its way. */
export function isSending(unsent: readonly Unsent[], confirmationId: string): boolean {
  return unsent.some(u => decides(u, confirmationId) && u.refusal === null);
}

/** Why the last decision about this confirmation was refused. */
export function refusalOf(unsent: readonly Unsent[], confirmationId: string): Refusal | null {
  const found = unsent.filter(u => decides(u, confirmationId) && u.refusal !== null);
  return found[found.length - 1]?.refusal ?? null;
}

/** Whether a command decides this confirmation, alone or with others. */
export function decidesOn(command: Command, confirmationId: string): boolean {
  switch (command.type) {
    case 'decide':
      return command.confirmation_id === confirmationId;
    case 'decide_all':
      return command.decisions.some(each => each.confirmation_id === confirmationId);
    default:
      return false;
  }
}

function decides(unsent: Unsent, confirmationId: string): boolean {
  return decidesOn(unsent.command, confirmationId);
}
