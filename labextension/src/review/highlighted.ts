import { highlightingFor, language } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { highlightTree } from '@lezer/highlight';

/** A stretch of a line, and the classes that colour it. */
export interface Colour {
  from: number;
  to: number;
  style: string;
}

/** The colours that an editor gives a text, line by line. */
export function highlighted(state: EditorState, text: string): Colour[][] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  const lines: Colour[][] = starts.map(() => []);
  const parser = state.facet(language)?.parser;
  if (parser === undefined) {
    return lines;
  }
  let line = 0;
  const style = {
    style: (tags: Parameters<typeof highlightingFor>[1]) => highlightingFor(state, tags)
  };
  highlightTree(parser.parse(text), style, (from, to, classes) => {
    for (; line + 1 < starts.length && starts[line + 1]! <= from; line += 1);
    // A string of several lines is one stretch.
    for (let n = line; n < starts.length && starts[n]! < to; n += 1) {
      const end = n + 1 < starts.length ? starts[n + 1]! - 1 : text.length;
      const begin = Math.max(from, starts[n]!);
      lines[n]!.push({
        from: begin - starts[n]!,
        to: Math.min(to, end) - starts[n]!,
        style: classes
      });
    }
  });
  return lines;
}
