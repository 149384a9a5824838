import type { NotebookReading } from './client';

/** Characters of JSON in one frame, which quoting may double and other alphabets triple. */
const PART_CHARS = 250_000;

interface Part {
  part?: string;
  more?: boolean;
  revision: string | null;
}

/** The frames that tell of a notebook: its JSON in parts that each fit, or none of it when it is the one `known`. */
export function repliesOf({ revision, json }: NotebookReading, known: string | null): Part[] {
  if (revision !== null && revision === known) {
    return [{ revision }];
  }
  const text = JSON.stringify(json());
  const parts: Part[] = [];
  for (let start = 0; start < text.length;) {
    const end = cutAt(text, start + PART_CHARS);
    parts.push({ part: text.slice(start, end), more: end < text.length, revision });
    start = end;
  }
  return parts;
}

/** Never between the two halves of a character. */
function cutAt(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd800 && code < 0xdc00 ? at - 1 : Math.min(at, text.length);
}
