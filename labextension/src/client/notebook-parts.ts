import type { JsonObject } from '../protocol';
import type { NotebookReading } from './client';

/** Characters of JSON in one frame, which quoting may double and other alphabets triple. */
const PART_CHARS = 250_000;

interface Part {
  part?: string;
  more?: boolean;
  revision: string | null;
  base?: string;
}

/** What a tab tells of its notebook over one connection, answer after answer. */
export class NotebookReplies {
  /**
   * The frames that tell of a notebook: its JSON in parts that each fit, or none of it when it is the one `known`.
   *
   * When that is the one sent last, a cell that is as it was is told as its place there.
   */
  of({ revision, json }: NotebookReading, known: string | null): Part[] {
    if (revision !== null && revision === known) {
      return [{ revision }];
    }
    const base = known !== null && this.sent?.revision === known ? known : null;
    const text = this.textOf(json(), revision, base === null ? [] : this.sent!.cells);
    const parts: Part[] = [];
    for (let start = 0; start < text.length;) {
      const end = cutAt(text, start + PART_CHARS);
      parts.push({
        part: text.slice(start, end),
        more: end < text.length,
        revision,
        ...(base !== null && { base })
      });
      start = end;
    }
    return parts;
  }

  private textOf(notebook: JsonObject, revision: string | null, before: readonly string[]): string {
    const { cells, ...rest } = notebook;
    if (!Array.isArray(cells)) {
      this.sent = null;
      return JSON.stringify(notebook);
    }
    const texts = cells.map(cell => JSON.stringify(cell));
    const places = new Map(before.map((text, place) => [text, String(place)]));
    this.sent = revision === null ? null : { revision, cells: texts };
    const head = JSON.stringify(rest).slice(0, -1);
    const told = texts.map(text => places.get(text) ?? text).join(',');
    return `${head}${head === '{' ? '' : ','}"cells":[${told}]}`;
  }

  private sent: { readonly revision: string; readonly cells: readonly string[] } | null = null;
}

/** Never between the two halves of a character. */
function cutAt(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd800 && code < 0xdc00 ? at - 1 : Math.min(at, text.length);
}
