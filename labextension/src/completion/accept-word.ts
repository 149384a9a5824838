/** Accepting the ghost word by word, which JupyterLab has not. */
import type { IInlineCompleterFactory, InlineCompleter } from '@jupyterlab/completer';

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

  private readonly made = new Set<InlineCompleter>();
}

/** The first word of a text, with what stands before it; all of it when it has only blanks. */
export function firstWord(text: string): string {
  return WORD.exec(text)?.[0] ?? text;
}
