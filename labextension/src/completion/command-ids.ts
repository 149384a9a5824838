/** The ids of the commands of completion, so that others can bind them. */
export namespace CompletionIDs {
  /** Accept the next word of the completion at the cursor. */
  export const acceptWord = 'copilot:accept-word';
  /** Switch code completion on or off, and see what is sent. */
  export const about = 'copilot:code-completion';
}
