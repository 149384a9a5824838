// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[\d;]*m/g;
const SHORT_LINES = 4;
/** The line above a piece of the notebook's own code in a traceback. */
const OWN_CODE = /^(?:Cell In|Input In|In\s*\[|File <ipython|\s*File "<(?:ipython|string|stdin))/;
const ARROW = /^-+>\s*\d+/;
const TAIL_LINES = 6;
const TAIL_CHARS = 400;

/**
 * A traceback in short, with its colours: the line of the notebook's own code at which it broke, and the error.
 *
 * A text that is short already, or that is no traceback, keeps its last lines.
 */
export function shortTraceback(text: string): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= SHORT_LINES) {
    return text;
  }
  const plain = lines.map(line => line.replace(COLOURS, ''));
  const own = plain.findLastIndex(line => OWN_CODE.test(line));
  const arrow = own < 0 ? -1 : plain.findIndex((line, i) => i > own && ARROW.test(line));
  const where = own < 0 ? [] : arrow < 0 ? [own] : [own, arrow];
  const error = plain.findLastIndex(line =>
    /^[\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b/.test(line)
  );
  const last = error > (where.at(-1) ?? -1) ? error : lines.length - 1;
  const kept = [
    ...where,
    ...range(last, Math.min(lines.length, last + SHORT_LINES - where.length))
  ];
  return [...new Set(kept)].map(index => lines[index]).join('\n');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The end of a text without its colours, as much as a thumbnail shows. */
export function lastLines(text: string): string {
  const end = text
    .slice(-TAIL_CHARS * 2)
    .replace(COLOURS, '')
    .trimEnd();
  return end.split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARS);
}
