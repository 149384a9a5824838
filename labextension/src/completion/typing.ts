/** Whether somebody types in an editor: a document also changes by what others, the agent and undo do to it. */
import type { CodeEditor } from '@jupyterlab/codeeditor';

/** A key counts for this long: JupyterLab's own delay is in it, and a page that is busy takes its time. */
const LASTS_MS = 4000;
const ALSO = new Set(['Backspace', 'Delete', 'Enter', 'Process', 'Unidentified']);

export class Typing {
  constructor(
    private readonly page: Pick<Document, 'addEventListener' | 'removeEventListener'>,
    private readonly now: () => number
  ) {
    page.addEventListener('keydown', this.onKey, true);
  }

  dispose(): void {
    this.page.removeEventListener('keydown', this.onKey, true);
  }

  /** Whether a key that writes was pressed in this editor just now, and none since that only commands. */
  isIn(editor: CodeEditor.IEditor): boolean {
    const { last } = this;
    return last !== null && this.now() - last.at < LASTS_MS && editor.host.contains(last.where);
  }

  private readonly onKey = (event: Event): void => {
    const { key, ctrlKey, metaKey, altKey, target } = event as KeyboardEvent;
    const isChord = (ctrlKey || metaKey) && !altKey;
    const isOne = [...key].length === 1;
    if (!isChord && (isOne || ALSO.has(key))) {
      this.last = { at: this.now(), where: target as Node };
    } else if (isOne || key === 'Tab' || key === 'End' || key.startsWith('Arrow')) {
      // What is accepted with these keys, undone or pasted is no reason to ask for more.
      this.last = null;
    }
  };

  private last: { at: number; where: Node } | null = null;
}
