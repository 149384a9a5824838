import type { Grant } from '../protocol';

/** What a person decides; the rest of the command follows from the confirmation. */
export interface Decision {
  option: string;
  value?: unknown;
  edited_args?: { readonly [name: string]: unknown };
  comment: string;
  /** A rule that is granted with the approval; its id is made when it is sent. */
  grant?: Omit<Grant, 'rule_id'>;
}

/** Why a command was refused, in words, with what to do next. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
}
