import { diffLines, diffWordsWithSpace } from 'diff';

/** A piece of a line; `changed` marks the words that differ from the line's counterpart. */
export interface Piece {
  text: string;
  changed: boolean;
}

export type DiffLine =
  | { type: 'same' | 'added' | 'removed'; pieces: Piece[] }
  | { type: 'skipped'; count: number; lines: string[] };

/** Unchanged lines that stay in sight around a change. */
const CONTEXT = 2;
/** Beyond this length, comparing words costs more than it tells. */
const MAX_WORDWISE = 2000;
/** Beyond this number of characters, comparing lines could hold up the page. */
const MAX_LINEWISE = 200_000;

/** The way from one source to another, line by line, with long unchanged stretches skipped unless `whole`. */
export function lineDiff(before: string, after: string, whole = false): DiffLine[] {
  if (before.length + after.length > MAX_LINEWISE) {
    return [...plain('removed', linesOf(before)), ...plain('added', linesOf(after))];
  }
  const lines: DiffLine[] = [];
  const changes = diffLines(ended(before), ended(after));
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!;
    const next = changes[i + 1];
    if (change.removed && next?.added) {
      lines.push(...replaced(linesOf(change.value), linesOf(next.value)));
      i += 1;
    } else {
      const type = change.removed ? 'removed' : change.added ? 'added' : 'same';
      const own = plain(type, linesOf(change.value));
      const folds = type === 'same' && !whole;
      lines.push(...(folds ? skip(own, i > 0, next !== undefined) : own));
    }
  }
  return lines;
}

/** Both sides of a replacement; where they have equally many lines, the words that differ are marked. */
function replaced(before: string[], after: string[]): DiffLine[] {
  const total = before.join('').length + after.join('').length;
  if (before.length !== after.length || total > MAX_WORDWISE) {
    return [...plain('removed', before), ...plain('added', after)];
  }
  const removed: DiffLine[] = [];
  const added: DiffLine[] = [];
  before.forEach((line, index) => {
    const words = diffWordsWithSpace(line, after[index] ?? '');
    const alike = words.some(w => !w.added && !w.removed && w.value.trim() !== '');
    const side = (skipped: 'added' | 'removed'): Piece[] =>
      words
        .filter(w => !w[skipped])
        .map(w => ({ text: w.value, changed: alike && (w.added || w.removed) }));
    removed.push({ type: 'removed', pieces: side('added') });
    added.push({ type: 'added', pieces: side('removed') });
  });
  return [...removed, ...added];
}

function plain(type: 'same' | 'added' | 'removed', lines: string[]): DiffLine[] {
  return lines.map(text => ({ type, pieces: [{ text, changed: false }] }));
}

/** Unchanged lines without those that are far from any change. */
function skip(lines: DiffLine[], hasBefore: boolean, hasAfter: boolean): DiffLine[] {
  const head = hasBefore ? CONTEXT : 0;
  const tail = hasAfter ? CONTEXT : 0;
  const count = lines.length - head - tail;
  if (count < 2) {
    return lines;
  }
  const hidden = lines.slice(head, head + count);
  const texts = hidden.map(l => (l.type === 'skipped' ? '' : l.pieces.map(p => p.text).join('')));
  return [
    ...lines.slice(0, head),
    { type: 'skipped', count, lines: texts },
    ...lines.slice(head + count)
  ];
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : text + '\n';
}

function linesOf(text: string): string[] {
  return text === '' ? [] : ended(text).slice(0, -1).split('\n');
}
