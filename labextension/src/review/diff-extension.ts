import { type EditorState, type Extension, type Range, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';

import { type DiffLine, lineDiff } from '../view-model/diff-lines';
import { stretches } from '../ui/shared/visible';
import { highlighted } from './highlighted';

/** Which of an editor's lines are drawn as what: those that differ from `before`, all as removed, or none. */
export type Look = 'diff' | 'removed' | 'plain';

type Shown = Exclude<DiffLine, { type: 'skipped' }>;

const ADDED = Decoration.line({ class: 'jp-Copilot-addedLine' });
const REMOVED = Decoration.line({ class: 'jp-Copilot-removedLine' });
const ADDED_WORD = Decoration.mark({ class: 'jp-Copilot-addedWord' });
const WRITTEN = Decoration.mark({ class: 'jp-Copilot-written' });
const APART = Decoration.mark({ tagName: 'bdi' });

/** Draws the way from another source to the editor's own, which stays what can be edited, copied and completed. */
export function diffExtension(before: string, look: Look): Extension {
  return StateField.define<DecorationSet>({
    create: state => drawn(state, before, look),
    // Also when the language has arrived, with which the removed lines are coloured.
    update: (value, { docChanged, reconfigured, state }) =>
      docChanged || reconfigured ? drawn(state, before, look) : value,
    provide: field => EditorView.decorations.from(field)
  });
}

function drawn(state: EditorState, before: string, look: Look): DecorationSet {
  const ranges = [...writtenOut(state)];
  if (look === 'removed') {
    for (let line = 1; line <= state.doc.lines; line += 1) {
      ranges.push(REMOVED.range(state.doc.line(line).from));
    }
  } else if (look === 'diff') {
    ranges.push(...differences(state, before));
  }
  return Decoration.set(ranges, true);
}

function differences(state: EditorState, before: string): Range<Decoration>[] {
  const ranges: Range<Decoration>[] = [];
  const { doc } = state;
  let removed: Shown[] = [];
  let number = 1;
  const putRemoved = (at: number, side: number) => {
    if (removed.length > 0) {
      const widget = new RemovedLines(removed, state);
      ranges.push(Decoration.widget({ widget, side, block: true }).range(at));
      removed = [];
    }
  };
  for (const line of lineDiff(before, doc.toString(), true) as Shown[]) {
    if (line.type === 'removed') {
      removed.push(line);
      continue;
    }
    const { from } = doc.line(Math.min(number, doc.lines));
    putRemoved(from, -1);
    if (line.type === 'added') {
      ranges.push(ADDED.range(from), ...words(line, from));
    }
    number += 1;
  }
  putRemoved(doc.length, 1);
  return ranges;
}

function words(line: Shown, from: number): Range<Decoration>[] {
  let at = from;
  return line.pieces.flatMap(({ text, changed }) => {
    const range = changed && text !== '' ? [ADDED_WORD.range(at, at + text.length)] : [];
    at += text.length;
    return range;
  });
}

/** What stands in the text for characters that hide, and words that are read from right to left. */
function writtenOut(state: EditorState): Range<Decoration>[] {
  let at = 0;
  return stretches(state.doc.toString()).flatMap(({ text, apart }) => {
    const range =
      apart === null ? [] : [(apart === 'mark' ? WRITTEN : APART).range(at, at + text.length)];
    at += text.length;
    return range;
  });
}

/** Lines that go: no part of the text, so that the cursor passes them over. */
class RemovedLines extends WidgetType {
  constructor(
    private readonly lines: readonly Shown[],
    private readonly state: EditorState
  ) {
    super();
  }

  override eq(): boolean {
    return false;
  }

  toDOM(): HTMLElement {
    const block = document.createElement('div');
    block.setAttribute('role', 'deletion');
    const texts = this.lines.map(line => line.pieces.map(piece => piece.text).join(''));
    const colours = highlighted(this.state, texts.join('\n'));
    this.lines.forEach((line, index) => {
      const node = document.createElement('div');
      node.className = 'jp-Copilot-removedLine';
      node.append(...lineNodes(line, colours[index] ?? []));
      block.append(node);
    });
    return block;
  }
}

/** A line in spans: the colours of its code, the words that differ, and what is written out. */
function lineNodes(
  line: Shown,
  colours: readonly { from: number; to: number; style: string }[]
): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const { text, changed } of line.pieces) {
    for (const part of stretches(text)) {
      const end = at + part.text.length;
      const host = document.createElement(part.apart === 'word' ? 'bdi' : 'span');
      host.className = [
        changed ? 'jp-Copilot-removedWord' : '',
        part.apart === 'mark' ? 'jp-Copilot-written' : ''
      ]
        .join(' ')
        .trim();
      for (let from = at; from < end;) {
        const colour = colours.find(each => each.from <= from && from < each.to);
        const next =
          colour?.to ?? Math.min(...colours.map(each => each.from).filter(f => f > from), end);
        const span = document.createElement('span');
        span.className = colour?.style ?? '';
        span.textContent = part.text.slice(from - at, Math.min(next, end) - at);
        host.append(span);
        from = Math.min(next, end);
      }
      nodes.push(host);
      at = end;
    }
  }
  return nodes.length > 0 ? nodes : [document.createElement('br')];
}
