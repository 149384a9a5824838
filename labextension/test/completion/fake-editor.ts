import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IInlineCompletionContext } from '@jupyterlab/completer';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { Ask, Asked, Line } from '../../src/completion/wire';

/** An editor with a text and a cursor at its end, before a fixed rest. */
export class FakeEditor {
  readonly host = document.createElement('div');
  readonly uuid = 'e1';
  readonly changed = new Signal<this, void>(this);
  readonly selected = new Signal<this, void>(this);
  isFocused = true;
  cursor = 0;

  constructor(
    public before: string,
    readonly after = ''
  ) {
    this.cursor = before.length;
  }

  get source(): string {
    return this.before + this.after;
  }

  /** Write as a person does. */
  type(text: string): void {
    this.before += text;
    this.cursor = this.before.length;
    this.changed.emit();
    this.selected.emit();
  }

  move(to: number): void {
    this.cursor = to;
    this.selected.emit();
  }

  get editor(): CodeEditor.IEditor {
    return {
      host: this.host,
      uuid: this.uuid,
      hasFocus: () => this.isFocused,
      getCursorPosition: () => ({ line: 0, column: this.cursor }),
      getOffsetAt: ({ column }: { column: number }) => column,
      model: {
        sharedModel: { getSource: () => this.source, changed: this.changed },
        selections: { changed: this.selected }
      }
    } as unknown as CodeEditor.IEditor;
  }

  context(triggerKind: number): IInlineCompletionContext {
    const widget = { id: 'w', content: { editor: this.editor } } as unknown as Widget;
    return { widget, triggerKind };
  }

  get request() {
    return { text: this.source, offset: [...this.before].length, mimeType: 'text/x-python' };
  }
}

/** A model that answers when the test has it answer; it counts what was asked and what was let go. */
export class FakeModel {
  readonly asked: Asked[] = [];
  aborted = 0;

  readonly ask: Ask = (asked, signal) => {
    this.asked.push(asked);
    const lines: Line[] = [];
    const answer = { lines, wake: () => undefined as void, ended: false };
    this.current = answer;
    signal.addEventListener('abort', () => {
      this.aborted += 1;
      answer.wake();
    });
    return (async function* () {
      for (;;) {
        while (lines.length > 0) {
          yield lines.shift()!;
        }
        if (signal.aborted) {
          throw new DOMException('aborted', 'AbortError');
        }
        if (answer.ended) {
          return;
        }
        await new Promise<void>(resolve => (answer.wake = resolve));
      }
    })();
  };

  say(text: string): void {
    this.tell({ type: 'text', text });
  }

  tell(line: Line): void {
    this.current!.lines.push(line);
    this.current!.wake();
  }

  end(): void {
    this.current!.ended = true;
    this.current!.wake();
  }

  private current: { lines: Line[]; wake: () => void; ended: boolean } | null = null;
}
