const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const CONTINUES = /^(?:\s{2,}\S|\s*(?:[-*+]|\d{1,9}[.)])\s|\s*[|>])/;
const MATH = /^\s*\$\$/;

/**
 * Markdown in blocks that can be rendered one by one: text that grows at its end changes only the last of them.
 *
 * A block ends at an empty line outside of code and formulas, unless the next line may belong to the same list, quote
 * or table. Joined with empty lines, the blocks are the text again.
 */
export function markdownBlocks(text: string): string[] {
  const blocks: string[][] = [[]];
  let fence = '';
  let math = false;
  let gap = 0;
  for (const line of text.split('\n')) {
    const last = blocks[blocks.length - 1]!;
    if (fence === '' && !math && line.trim() === '') {
      gap += 1;
      continue;
    }
    if (gap > 0 && last.length > 0 && fence === '' && !math) {
      if (CONTINUES.test(line) && last.some(l => CONTINUES.test(l))) {
        last.push(...Array<string>(gap).fill(''), line);
      } else {
        blocks.push([line]);
      }
    } else {
      last.push(line);
    }
    gap = 0;
    [fence, math] = after(line, fence, math);
  }
  return blocks.map(lines => lines.join('\n')).filter(block => block !== '');
}

/** A text and its blocks. */
export interface Blocks {
  readonly text: string;
  readonly blocks: readonly string[];
}

export const NO_BLOCKS: Blocks = { text: '', blocks: [] };

/** The blocks of a text; where it is the one before and more, only what follows the last block's start is split again. */
export function grownBlocks(before: Blocks, text: string): Blocks {
  const last = before.blocks.at(-1);
  if (last === undefined || !text.startsWith(before.text)) {
    return { text, blocks: markdownBlocks(text) };
  }
  // Nothing but empty lines follows the last block, so that this is where it stands.
  const start = before.text.lastIndexOf(last);
  return { text, blocks: [...before.blocks.slice(0, -1), ...markdownBlocks(text.slice(start))] };
}

/** The open fence and whether a formula is open, after a line. */
function after(line: string, fence: string, math: boolean): [string, boolean] {
  const mark = FENCE.exec(line)?.[1];
  if (fence !== '') {
    const closes = mark !== undefined && mark.startsWith(fence) && line.trim() === mark;
    return [closes ? '' : fence, math];
  }
  if (mark !== undefined) {
    return [mark, math];
  }
  if (math) {
    return ['', !line.includes('$$')];
  }
  return ['', MATH.test(line) && line.split('$$').length % 2 === 0];
}
