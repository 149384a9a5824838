import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import { type ISignal, Signal } from '@lumino/signaling';

/** What JupyterLab writes into a notebook by itself once its kernel answers. */
const OF_THE_KERNEL = new Set(['kernelspec', 'language_info']);

/**
 * Whether a notebook has changes that somebody made and that are not on disk.
 *
 * JupyterLab also calls a notebook dirty when only its kernel's description changed, which nobody would miss.
 * To be made when the notebook is loaded; it lives as long as the notebook.
 */
export class UnsavedChanges {
  constructor(private readonly notebook: INotebookModel) {
    for (const cell of notebook.cells) {
      this.watch(cell);
    }
    notebook.cells.changed.connect((_, { type, newValues }) => {
      if (type === 'add' || type === 'set') {
        newValues.forEach(cell => this.watch(cell));
      }
      this.note();
    });
    notebook.metadataChanged.connect((_, { key }) => {
      if (!OF_THE_KERNEL.has(key)) {
        this.note();
      }
    });
    notebook.stateChanged.connect((_, { name }) => {
      if (name === 'dirty') {
        this.isTouched &&= notebook.dirty; // saved, or loaded anew
        this.tell();
      }
    });
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.notebook.dirty && this.isTouched;
  }

  /** Whether there are any is another now. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private watch(cell: ICellModel): void {
    cell.contentChanged.connect(() => this.note());
  }

  private note(): void {
    this.isTouched = true;
    this.tell();
  }

  private tell(): void {
    if (this.any !== this.told) {
      this.told = this.any;
      this._changed.emit();
    }
  }

  private isTouched = false;
  private told = false;
  private readonly _changed = new Signal<this, void>(this);
}
