import type { INotebookContent } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { v7 as uuidv7 } from 'uuid';

import type { NotebookReading } from '../client/client';
import type { JsonObject } from '../protocol';
import { idOf } from './cell-ids';
import type { Stamps } from './stamps';
import { trimNotebook } from './trim-outputs';

/** What shared models have besides their interfaces: the document in which all that is saved stands. */
interface Shared {
  ydoc?: { on(event: 'update', listener: () => void): void };
}

/** Counts the changes of a document. */
class Changes {
  constructor(ydoc: Required<Shared>['ydoc']) {
    ydoc.on('update', () => (this.count += 1));
  }

  get revision(): string {
    return `${this.name}.${this.count}`;
  }

  private readonly name = uuidv7();
  private count = 0;
}

const counted = new WeakMap<object, Changes>();

/** The notebook as this tab shows it, unsaved changes included, as far as the agent needs it. Throws when it cannot. */
export function readingOf(panel: NotebookPanel, stamps: Stamps): NotebookReading {
  if (panel.model === null) {
    throw new Error('This tab no longer shows the notebook.');
  }
  const { sharedModel } = panel.model;
  const content = (): INotebookContent => {
    const notebook = sharedModel.toJSON() as unknown as INotebookContent;
    // Where the file keeps no ids, its JSON has none either.
    const cells = sharedModel.cells.map((cell, n) => ({ ...notebook.cells[n]!, id: idOf(cell) }));
    return stamps.in({ ...notebook, cells });
  };
  const changes = changesOf(sharedModel as Shared);
  return {
    revision: changes && `${changes.revision}.${stamps.count}`,
    json: () => trimNotebook(content()) as unknown as JsonObject
  };
}

function changesOf({ ydoc }: Shared): Changes | null {
  if (ydoc === undefined) {
    return null;
  }
  const found = counted.get(ydoc) ?? new Changes(ydoc);
  counted.set(ydoc, found);
  return found;
}
