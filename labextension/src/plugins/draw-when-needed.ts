import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { OpenNotebook, Rooms } from '../model/rooms';

/** Something that draws in a notebook. */
interface Drawing<T> {
  /** Whether it is needed may be another now. */
  changed: ISignal<unknown, unknown>;
  isNeeded: () => boolean;
  /** Loads its code; resolves with how to begin. */
  load: () => Promise<() => T>;
}

/** Draws in each notebook from when there is need of it until the notebook closes; returns what draws in the current one. */
export function drawWhenNeeded<T extends IDisposable>(
  rooms: Rooms,
  drawing: (notebook: OpenNotebook) => Drawing<T>
): () => T | undefined {
  const drawn = new Map<OpenNotebook | null, T>();
  rooms.forEach(notebook => {
    const { changed, isNeeded, load } = drawing(notebook);
    const { disposed } = notebook.panel;
    const draw = async () => {
      const begin = await load();
      if (!notebook.panel.isDisposed) {
        drawn.set(notebook, begin());
      }
    };
    const look = () => {
      if (isNeeded()) {
        changed.disconnect(look);
        void draw();
      }
    };
    changed.connect(look);
    look();
    disposed.connect(() => {
      drawn.get(notebook)?.dispose();
      drawn.delete(notebook);
    });
  });
  return () => drawn.get(rooms.currentNotebook);
}
