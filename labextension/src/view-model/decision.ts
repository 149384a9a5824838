/** What a person decides; the rest of the command follows from the confirmation. */
export interface Decision {
  option: string;
  value?: unknown;
  edited_args?: { readonly [name: string]: unknown };
  comment: string;
}

/** Why a command was refused, in words, with what to do next. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
}
