import type { JsonObject } from '../protocol';

/** Under this key the JSON that the server reads says which call changed or ran a cell last. */
const STAMP = 'copilot';

/** The stamp, with what people had put in its place, such as a lock. */
function over(metadata: { [STAMP]?: unknown } = {}, stamp: JsonObject): JsonObject {
  return metadata[STAMP] === undefined ? stamp : { ...stamp, was: metadata[STAMP] };
}

/** Stamps a cell by its id; null stands for the notebook, where no cell is left to stamp. */
export type Stamp = (cellId: string | null) => void;

interface Stamped {
  metadata?: object;
}

/**
 * Which call changed or ran each cell last, so that work is recognised after a crash of the server.
 *
 * It lives as long as the page, and is only told: the notebook itself stays as people know it.
 */
export class Stamps {
  /** The call did something to a cell, or to the notebook; a run has a state. */
  set(cellId: string | null, execId: string, state?: string): void {
    this.stamps.set(cellId, { exec_id: execId, ...(state && { state }) });
    this._count += 1;
  }

  /** How often a stamp was set. */
  get count(): number {
    return this._count;
  }

  /** The notebook's JSON with the stamps in its metadata and in that of its cells. */
  in<T extends Stamped & { cells: (Stamped & { id?: unknown })[] }>(notebook: T): T {
    const cells = notebook.cells.map(cell => this.with(cell, cell.id as string));
    return this.with({ ...notebook, cells }, null);
  }

  private with<T extends Stamped>(stamped: T, key: string | null): T {
    const stamp = this.stamps.get(key);
    return stamp === undefined
      ? stamped
      : { ...stamped, metadata: { ...stamped.metadata, [STAMP]: over(stamped.metadata, stamp) } };
  }

  private _count = 0;
  private readonly stamps = new Map<string | null, JsonObject>();
}
