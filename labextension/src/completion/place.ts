/** The place of the cursor, and the code that it stands in. */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { CompletionHandler, IInlineCompletionContext } from '@jupyterlab/completer';
import { Notebook } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import { sourceOf } from '../notebook/cell-source';

/** A place in a text; `key` is the same for the same cell, console's prompt or file. */
export interface Spot {
  readonly key: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Where code is written, and what it stands in. */
export interface Place extends Spot {
  readonly editor: CodeEditor.IEditor;
  readonly language: string;
  readonly above: readonly string[];
  readonly below: readonly string[];
}

/** So much of the other cells goes to the server, which chooses from it. */
const MAX_CHARS = 40_000;
const MAX_CELLS = 200;
/** How much of a text cell is told. */
const MAX_PROSE = 400;
const NO_CODE = new Set(['text/plain', 'text/markdown', 'text/x-markdown', 'text/x-ipythongfm']);
const OWN_MAGICS = /^%%(?:time|timeit|capture|prun|memit)\b/;

/** The place of a request; null where there is no code, or no editor that is known. */
export function placeOf(
  request: CompletionHandler.IRequest,
  context: IInlineCompletionContext
): Place | null {
  const editor = editorOf(context.widget);
  const { mimeType = 'text/plain' } = request;
  if (editor === null || NO_CODE.has(mimeType)) {
    return null;
  }
  // The offset counts characters, and not the units of a JavaScript string.
  const characters = [...request.text];
  const prefix = characters.slice(0, request.offset).join('');
  return {
    editor,
    key: `${context.widget.id}/${editor.uuid}`,
    prefix,
    suffix: request.text.slice(prefix.length),
    language: languageOf(mimeType),
    ...neighbours(context.widget)
  };
}

/** The place of the text cursor as it is now; null when something else than this stands behind it. */
export function spotNow(editor: CodeEditor.IEditor, { key, suffix }: Spot): Spot | null {
  const source = editor.model.sharedModel.getSource();
  const end = source.length - suffix.length;
  return source.endsWith(suffix) ? { key, prefix: source.slice(0, end), suffix } : null;
}

/** The editor that has the cursor, in each kind of widget that completes. */
export function editorOf(widget: Widget): CodeEditor.IEditor | null {
  const { console, content } = widget as Partial<Console & File>;
  if (content instanceof Notebook) {
    return content.activeCell?.editor ?? null;
  }
  return console?.promptCell?.editor ?? content?.editor ?? null;
}

/** The parts of JupyterLab's console and file editor that are used; its own types would be two packages more. */
interface Console {
  console?: { promptCell?: CellLike | null; cells?: Iterable<CellLike> };
}
interface File {
  content?: Notebook | { editor?: CodeEditor.IEditor };
}
interface CellLike {
  editor: CodeEditor.IEditor | null;
  model: { type?: string; sharedModel: { getSource(): string } };
}

function neighbours(widget: Widget): Pick<Place, 'above' | 'below'> {
  const { console, content } = widget as Partial<Console & File>;
  if (content instanceof Notebook) {
    const { model, activeCellIndex } = content;
    const cells = [...(model?.cells ?? [])].map(cell => told(cell.type, sourceOf(cell)));
    return {
      above: nearest(cells.slice(0, activeCellIndex).reverse()).reverse(),
      below: nearest(cells.slice(activeCellIndex + 1))
    };
  }
  const before = [...(console?.cells ?? [])]
    .filter(cell => cell.model.type === 'code')
    .map(cell => told('code', cell.model.sharedModel.getSource()));
  return { above: nearest(before.reverse()).reverse(), below: [] };
}

/** A cell as it is told: code as it is, text in comments, and nothing of other languages. */
function told(type: string, source: string): string {
  switch (type) {
    case 'code':
      return source.startsWith('%%') && !OWN_MAGICS.test(source) ? '' : source;
    case 'markdown':
      return source.slice(0, MAX_PROSE).replace(/^/gm, '# ').trimEnd();
    default:
      return '';
  }
}

/** As many cells as there is room for, from the first on. */
function nearest(cells: readonly string[]): string[] {
  const taken: string[] = [];
  let room = MAX_CHARS;
  for (const cell of cells) {
    room -= cell.length;
    if (room < 0 || taken.length >= MAX_CELLS) {
      break;
    }
    if (cell !== '') {
      taken.push(cell);
    }
  }
  return taken;
}

function languageOf(mimeType: string): string {
  const name = mimeType.replace(/^[\w.]+\/(?:x-|vnd\.)?/, '').replace(/src$/, '');
  return name === 'ipython' || name === '' ? 'python' : name;
}
