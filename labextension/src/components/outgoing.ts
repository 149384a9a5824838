import type { Command } from '../protocol';
import type { Refusal } from './decision';

/** A command of this person that is on its way, or was refused. */
export interface Unsent {
  commandId: string;
  command: Command;
  /** Null while it is on its way. */
  refusal: Refusal | null;
}
