import type { Cell, ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

import { visibleText } from '../core/visible-text';
import { sourceOf } from './cell-source';
import type { Attachment } from '../view-model/attachments';
import type { CellTarget } from '../view-model/cells';
import { settledWithin } from './settled-within';

const LIT = 'jp-Copilot-litCell';
const LIT_MS = 1800;
const POINTED = 'jp-Copilot-pointedCell';
const NAME_CHARS = 30;
const SCROLL_MS = 2000;

/** The cells of the notebook that a tab shows, as the copilot speaks of them. */
export class NotebookCells {
  constructor(readonly panel: NotebookPanel) {}

  /** What cells there are, what stands in them, or what they are called is another now. */
  get changed(): ISignal<this, void> {
    if (!this.isWatching) {
      this.isWatching = true;
      this.panel.content.modelContentChanged.connect(this.tell, this);
    }
    return this._changed;
  }

  /** The cells have other ids now, which the notebook itself tells nobody. */
  tell(): void {
    this._changed.emit();
  }

  /** A cell's number, counted from 1; null when it is gone. */
  number(id: string): number | null {
    const index = this.indexOf(id);
    return index < 0 ? null : index + 1;
  }

  /** Scroll to a cell and light it up; nothing happens when it is gone. The focus stays where it is. */
  async go(target: CellTarget): Promise<void> {
    const notebook = this.panel.content;
    const index = this.place(target);
    const cell = notebook.widgets[index];
    if (cell !== undefined) {
      const fits = cell.node.offsetHeight < notebook.node.clientHeight;
      // Rejected when another scroll takes over, which is as good; a page in the background does not scroll at all.
      await settledWithin(notebook.scrollToItem(index, fits ? 'center' : 'start'), SCROLL_MS);
      cell.addClass(LIT);
      setTimeout(() => cell.removeClass(LIT), LIT_MS);
    }
  }

  /** Outline a cell until another one is, or none. */
  pointAt(target: CellTarget | null): void {
    this.pointed?.removeClass(POINTED);
    this.pointed = (target && this.panel.content.widgets[this.place(target)]) ?? null;
    this.pointed?.addClass(POINTED);
  }

  /** Call back with each change of the cells, until that is ended. */
  watch(callback: () => void): () => void {
    this.changed.connect(callback);
    return () => {
      this.changed.disconnect(callback);
    };
  }

  /**
   * What people call a cell: its prompt and first line as they see them, or its number where it has none; null when it is
   * gone.
   */
  name(id: string): string | null {
    const index = this.indexOf(id);
    const cell = this.panel.content.widgets[index];
    if (cell === undefined) {
      return null;
    }
    const count = cell.model.type === 'code' ? (cell.model as ICodeCellModel).executionCount : null;
    const [line = ''] = cell.model.sharedModel.getSource().trimStart().split('\n', 1);
    const words = line.length > NAME_CHARS ? `${line.slice(0, NAME_CHARS - 1)}…` : line;
    return `${count === null ? `cell ${index + 1}` : `[${count}]`} ${visibleText(words).text}`.trim();
  }

  /** Bring a cell into sight, also from under a heading that is folded; the focus stays where it is. */
  async reveal(cell: Cell): Promise<void> {
    const notebook = this.panel.content;
    if (cell.isHidden) {
      NotebookActions.expandParent(cell, notebook);
    }
    const index = notebook.widgets.indexOf(cell);
    await settledWithin(notebook.scrollToItem(index, 'smart'), SCROLL_MS);
  }

  get activeId(): string | null {
    const id = this.panel.content.activeCell?.model.id;
    return id === undefined ? null : String(id);
  }

  /** What the person has selected in the active cell, else the active cell itself. */
  attachment(wholeCell = false): Attachment | null {
    const cell = this.panel.content.activeCell;
    if (cell === null) {
      return null;
    }
    const text = wholeCell ? '' : selectedText(cell);
    const whole = this.attachmentOf(cell);
    const { cellId, label } = whole;
    return text === ''
      ? whole
      : { kind: 'selection', cellId, label: `selection in ${label}`, text };
  }

  /** All of a cell. */
  attachmentOf(cell: Cell): Extract<Attachment, { kind: 'cell' }> {
    const cellId = String(cell.model.id); // some files have numbers
    const label = `cell ${this.number(cellId)}`;
    return { kind: 'cell', cellId, label, source: sourceOf(cell.model) };
  }

  /** Put code into a new cell below the active one. */
  insert(code: string): void {
    NotebookActions.insertBelow(this.panel.content);
    this.replace(code);
  }

  /** Put text into a new Markdown cell below the active one, drawn. */
  insertText(text: string): void {
    const { content } = this.panel;
    this.insert(text);
    NotebookActions.changeCellType(content, 'markdown');
    void NotebookActions.run(content);
  }

  /** Make code the source of the active cell; the editor can undo it. */
  replace(code: string): void {
    this.panel.content.activeCell?.model.sharedModel.setSource(code);
  }

  /** Each cell's model, in order. */
  *models(): Iterable<ICellModel> {
    yield* this.panel.model?.cells ?? [];
  }

  private place(target: CellTarget): number {
    return 'id' in target ? this.indexOf(target.id) : target.number - 1;
  }

  private indexOf(id: string): number {
    return this.panel.content.widgets.findIndex(cell => String(cell.model.id) === id);
  }

  private pointed: Cell | null = null;
  private isWatching = false;
  private readonly _changed = new Signal<this, void>(this);
}

function selectedText(cell: Cell): string {
  const editor = cell.editor;
  if (!editor) {
    return '';
  }
  const { start, end } = editor.getSelection();
  const source = editor.model.sharedModel.getSource();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort((a, b) => a - b);
  return source.slice(from, to);
}
