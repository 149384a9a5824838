/** Accepting the ghost word by word, which JupyterLab has not. */
import type { IInlineCompleterFactory, InlineCompleter } from '@jupyterlab/completer';
import { CommandRegistry } from '@lumino/commands';

import { CompletionIDs } from './command-ids';

const ACTIVE = 'jp-mod-inline-completer-active';
/** A line break with what indents the next line; or a word, or signs, with the blanks before them. */
const WORD = /^(?:[^\S\n]*\n\s*|[^\S\n]*(?:[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]+))/u;

/** The inline completers of the page, known because each is made by JupyterLab's factory. */
export class InlineCompleters {
  constructor(factory: IInlineCompleterFactory) {
    const make = factory.factory.bind(factory);
    factory.factory = options => {
      const made = make(options);
      this.made.add(made);
      made.disposed.connect(() => this.made.delete(made));
      return made;
    };
  }

  /** Write the next word of the ghost that is shown; the rest of it stays. False when none is shown. */
  acceptWord(): boolean {
    for (const { current, editor } of this.made) {
      if (current && editor?.host.classList.contains(ACTIVE)) {
        editor.replaceSelection?.(firstWord(current.insertText));
        return true;
      }
    }
    return false;
  }

  /**
   * Accept a word by the keys that are bound to it. Where JupyterLab's commands are asked last, CodeMirror has taken
   * those that it knows, such as Ctrl →, by then.
   */
  takeKeys(commands: Pick<CommandRegistry, 'keyBindings'>): void {
    const take = (event: KeyboardEvent) => {
      if ((event.target as Element).closest(`.${ACTIVE}`) === null) {
        return;
      }
      const stroke = CommandRegistry.keystrokeForKeydownEvent(event);
      const isBound = commands.keyBindings.some(
        ({ command, keys }) =>
          command === CompletionIDs.acceptWord && keys.length === 1 && keys[0] === stroke
      );
      if (isBound && this.acceptWord()) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    document.addEventListener('keydown', take, true);
  }

  private readonly made = new Set<InlineCompleter>();
}

/** The first word of a text, with what stands before it; all of it when it has only blanks. */
export function firstWord(text: string): string {
  return WORD.exec(text)?.[0] ?? text;
}
