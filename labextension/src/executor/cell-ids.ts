import type { ISharedCell, ISharedNotebook, YNotebook } from '@jupyter/ydoc';

import { versionOf } from './version';

/** Tells the server what cells there are, by their versions, and what they are called here; resolves with their ids. */
export type AskForIds = (
  versions: readonly string[],
  ids: readonly string[] | null
) => Promise<readonly string[]>;

/** A cell's id as the agent writes it; some files have numbers. */
export function idOf(cell: { getId(): string }): string {
  return String(cell.getId());
}

/** Whether the notebook's file keeps ids: from nbformat 4.5 on. */
export function keepsIds({ nbformat, nbformat_minor }: ISharedNotebook): boolean {
  return !(nbformat === 4 && nbformat_minor <= 4);
}

/**
 * The ids of the cells of a notebook whose file has none: what the server, and every other tab, calls them.
 *
 * JupyterLab makes up others each time that it loads such a notebook. Nothing here is written to the file.
 */
export class CellIds {
  /** `named` is told when the cells are called as everybody calls them, of which the notebook itself tells nobody. */
  constructor(
    private readonly notebook: () => ISharedNotebook | undefined,
    private readonly ask: AskForIds,
    private readonly named: () => void
  ) {}

  /** Resolves when the cells are called as everybody calls them, or that could not be had. */
  get settled(): Promise<void> {
    return this._settled;
  }

  /** The notebook was loaded or saved, or the connection is back: be told what the cells are called, or tell it. */
  agree(): Promise<void> {
    this._settled = this._settled.then(() => this.exchange()).catch(() => undefined); // asked again when it is back
    return this._settled;
  }

  /** To be called when the list of cells changed: where all are others than before, they were loaded again. */
  look(): void {
    const cells = this.notebook()?.cells ?? [];
    if (
      this.known.size > 0 &&
      cells.length > 0 &&
      !cells.some(cell => this.known.has(idOf(cell)))
    ) {
      this.known = new Set();
      void this.agree();
    }
  }

  private async exchange(): Promise<void> {
    const notebook = this.notebook();
    if (notebook === undefined || keepsIds(notebook)) {
      return;
    }
    const cells = [...notebook.cells];
    const own = this.known.size > 0 ? cells.map(idOf) : null;
    const versions = cells.map(cell => versionOf(cell.getSource(), cell.cell_type));
    const ids = await this.ask(versions, own);
    if (own === null) {
      nameCells(notebook, cells, ids);
    }
    this.known = new Set(ids);
    if (own === null) {
      this.named();
    }
  }

  private known = new Set<string>();
  private _settled: Promise<void> = Promise.resolve();
}

/** Call cells so, as nobody's change: it makes nothing unsaved, and cannot be undone. */
export function nameCells(
  notebook: ISharedNotebook,
  cells: readonly ISharedCell[],
  ids: readonly string[]
): void {
  const present = new Set(notebook.cells);
  (notebook as YNotebook).ydoc.transact(() => {
    cells.forEach((cell, index) => {
      if (present.has(cell)) {
        (cell as YNotebook['cells'][number]).ymodel.set('id', ids[index]);
      }
    });
  }, 'silent-change');
}
