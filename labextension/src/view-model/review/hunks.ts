import { lineDiff } from '../diff-lines';

/** Lines that differ, without equal ones between them: those before and those after, counted from 0, ends excluded. */
export interface Hunk {
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

/** The stretches in which two sources differ, from the top down. */
export function hunksOf(before: string, after: string): Hunk[] {
  const hunks: Hunk[] = [];
  let [b, a] = [0, 0];
  let [fromB, fromA] = [0, 0];
  const end = () => {
    if (b > fromB || a > fromA) {
      hunks.push({ before: [fromB, b], after: [fromA, a] });
    }
  };
  for (const { type } of lineDiff(before, after, true)) {
    if (type === 'removed') {
      b += 1;
    } else if (type === 'added') {
      a += 1;
    } else {
      end();
      b += 1;
      a += 1;
      [fromB, fromA] = [b, a];
    }
  }
  end();
  return hunks;
}

/** The source `after` with the lines of one stretch as they were before. */
export function withoutHunk(before: string, after: string, hunk: Hunk): string {
  if (hunksOf(before, after).length <= 1) {
    return before;
  }
  const lines = after.split('\n');
  const kept = before.split('\n').slice(...hunk.before);
  lines.splice(hunk.after[0], hunk.after[1] - hunk.after[0], ...kept);
  return lines.join('\n');
}

/** How many lines come and go. */
export function lineCounts(before: string, after: string): { added: number; removed: number } {
  let [added, removed] = [0, 0];
  for (const { type } of lineDiff(before, after, true)) {
    added += type === 'added' ? 1 : 0;
    removed += type === 'removed' ? 1 : 0;
  }
  return { added, removed };
}
