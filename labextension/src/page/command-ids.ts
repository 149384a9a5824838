/** The ids of the commands, so that others can bind them. */
export namespace CommandIDs {
  /** Show the panel. */
  export const open = 'copilot:open';
  /** Put the focus into the composer. */
  export const compose = 'copilot:compose';
  /** Go to the oldest decision. */
  export const review = 'copilot:review-next';
  /** Go to the next change that is proposed for the notebook, in its cell. */
  export const nextChange = 'copilot:next-change';
  /** Go to the previous change that is proposed for the notebook, in its cell. */
  export const previousChange = 'copilot:previous-change';
  /** List what agents did to the notebook's cells. */
  export const listChanges = 'copilot:list-changes';
  /** Have looked at all that agents changed. */
  export const reviewed = 'copilot:mark-reviewed';
  /** Choose what the focused confirmation proposes. */
  export const approve = 'copilot:approve';
  /** Begin to deny the focused confirmation. */
  export const deny = 'copilot:deny';
  /** Stop the run of the thread that is shown. */
  export const stop = 'copilot:stop';
  /** Let an agent from outside in. */
  export const connectAgent = 'copilot:connect-agent';
  /** Begin a new conversation. */
  export const newThread = 'copilot:new-conversation';
  /** Attach the active cell and put the focus into the composer. */
  export const askAboutCell = 'copilot:ask-about-cell';
  /** Attach what is selected and put the focus into the composer. */
  export const askAboutSelection = 'copilot:ask-about-selection';
  /** Say in a line above the active cell what shall become of it. */
  export const changeCell = 'copilot:change-cell';
  /** Show what the copilot can do with the active cell. */
  export const cellMenu = 'copilot:cell-menu';
  /** Have the copilot explain the active cell. */
  export const explainCell = 'copilot:explain-cell';
  /** Have the copilot write comments and docstrings into the active cell. */
  export const documentCell = 'copilot:document-cell';
  /** Have the copilot tidy the active cell. */
  export const tidyCell = 'copilot:tidy-cell';
  /** Have the copilot write a test for the active cell. */
  export const testCell = 'copilot:test-cell';
  /** Have the copilot explain the error of the active cell. */
  export const explainError = 'copilot:explain-error';
  /** Have the copilot fix the error of the active cell. */
  export const fixError = 'copilot:fix-error';
  /** Ask for a new notebook by what it is for. */
  export const begin = 'copilot:begin';
  /** Show the page on which models are set up. */
  export const models = 'copilot:models';
  /** Show the page of the servers whose tools the copilot has. */
  export const toolServers = 'copilot:tool-servers';
}
