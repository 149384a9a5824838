import type { Call } from '../protocol';

/** A cell that text speaks of: by its id, or by its number in the notebook, counted from 1. */
export type CellTarget = { id: string } | { number: number };

/** Taking back what calls changed in the notebook. */
export interface Undoing {
  /** Whether all that the calls changed is still as they left it. */
  isPossible(calls: readonly Call[]): boolean;
  /** Takes it back, all or nothing, and lets everybody know; returns why it could not, or null. */
  undo(calls: readonly Call[]): string | null;
  /** Whether outputs of code that was taken back stand in the notebook. */
  hasOldOutputs(calls: readonly Call[]): boolean;
  /** Clears them, and lets everybody know. */
  clearOldOutputs(calls: readonly Call[]): void;
  /** Calls back, a moment after, when the notebook changed; returns how to end that. */
  subscribe(callback: () => void): () => void;
}

/** The lock that a cell's metadata says, for what draws it. */
export { lockOf } from '../core/permissions/locks';
