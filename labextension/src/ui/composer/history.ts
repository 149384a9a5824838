/** Walks through earlier messages of one's own, newest first; position -1 is what is being written. */
export interface HistoryPosition {
  index: number;
  /** What was being written when the walk began. */
  written: string;
}

export const WRITING: HistoryPosition = { index: -1, written: '' };

/** One step back (`older`) or forth; null when there is nothing further that way. */
export function step(
  history: readonly string[],
  position: HistoryPosition,
  current: string,
  direction: 'older' | 'newer'
): { position: HistoryPosition; text: string } | null {
  const index = position.index + (direction === 'older' ? 1 : -1);
  if (index < -1 || index >= history.length) {
    return null;
  }
  const written = position.index === -1 ? current : position.written;
  if (index === -1) {
    return { position: WRITING, text: written };
  }
  return { position: { index, written }, text: history[index] ?? '' };
}
