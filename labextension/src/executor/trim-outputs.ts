import type { IMimeBundle, INotebookContent, IOutput } from '@jupyterlab/nbformat';

/** A frame of the channel holds a mebibyte; this leaves room for what stands around it. */
const MOST_BYTES = 900_000;
/** Of the outputs of all cells, and of their attachments, where a notebook is sent in parts. */
const MOST_OF_NOTEBOOK = 4_000_000;
/** Of one output: more than the agent is shown, and what is left where all are too much. */
const CHARS = [50_000, 2_000];
const PICTURE_CHARS = 600_000;
const PICTURE = /^image\/(?:png|jpeg|gif|webp)$/;
const JSON_TYPE = /[/+]json$/;

/** The part of a cell that can be large for no use. */
interface WithOutputs {
  outputs?: IOutput[];
  attachments?: unknown;
}

/** Outputs as the agent may need them, in a report that fits: long text without its middle, the latest pictures. */
export function trimOutputs(outputs: readonly IOutput[]): IOutput[] {
  return trimCells([{ outputs: [...outputs] }], MOST_BYTES)[0]!.outputs!;
}

/** A notebook as the agent may need it: its sources in full, its outputs and attachments within limits. */
export function trimNotebook(notebook: INotebookContent): INotebookContent {
  type Cell = INotebookContent['cells'][number] & WithOutputs;
  const { widgets: _, ...metadata } = notebook.metadata as INotebookContent['metadata'] & {
    widgets?: unknown;
  };
  let room = MOST_OF_NOTEBOOK;
  const cells = trimCells(notebook.cells as Cell[], MOST_OF_NOTEBOOK).map(cell => {
    room -= cell.attachments === undefined ? 0 : bytesOf(cell.attachments);
    return room >= 0 ? cell : without(cell, 'attachments');
  });
  return { ...notebook, metadata, cells };
}

function without<T extends object>(value: T, name: string): T {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)) as T;
}

/** As much as fits: the earliest pictures go first, then more of the text. */
function trimCells<T extends WithOutputs>(cells: readonly T[], most: number): T[] {
  let trimmed: T[] = [];
  for (const chars of CHARS) {
    trimmed = cells.map(cell => ({
      ...cell,
      ...(cell.outputs && { outputs: cell.outputs.map(output => trimOutput(output, chars)) })
    }));
    const outputs = trimmed.flatMap(cell => cell.outputs ?? []);
    let bytes = outputs.reduce((sum, output) => sum + bytesOfOutput(output), 0);
    for (const output of outputs) {
      if (bytes <= most) {
        return trimmed;
      }
      bytes -= withoutPictures(output);
    }
    if (bytes <= most) {
      return trimmed;
    }
  }
  return trimmed;
}

function trimOutput(output: IOutput, chars: number): IOutput {
  if ('text' in output) {
    return { ...output, text: shorten(joined(output.text), chars) };
  }
  if ('traceback' in output) {
    const { evalue, traceback } = output;
    return { ...output, evalue: shorten(joined(evalue), chars), traceback: few(traceback, chars) };
  }
  return { ...output, data: trimBundle((output.data ?? {}) as IMimeBundle, chars) };
}

function trimBundle(bundle: IMimeBundle, chars: number): IMimeBundle {
  const trimmed: IMimeBundle = {};
  for (const [mime, value] of Object.entries(bundle)) {
    if (!PICTURE.test(mime)) {
      trimmed[mime] = isText(mime, value) ? shorten(joined(value), chars) : cut(value, chars);
    } else if (joined(value).length <= PICTURE_CHARS) {
      trimmed[mime] = value;
    } else {
      leaveOut(trimmed, mime);
    }
  }
  return trimmed;
}

/** Takes an output's pictures out of it; returns how many bytes that saved. */
function withoutPictures(output: IOutput): number {
  const before = bytesOfOutput(output);
  const bundle = output.data as IMimeBundle;
  for (const mime of picturesOf(output)) {
    delete bundle[mime];
    leaveOut(bundle, mime);
  }
  return before - bytesOfOutput(output);
}

function picturesOf({ data }: IOutput): string[] {
  return Object.keys((data ?? {}) as IMimeBundle).filter(mime => PICTURE.test(mime));
}

/** What pictures take is their length, which is found out without going through them. */
function bytesOfOutput(output: IOutput): number {
  const pictures = picturesOf(output);
  if (pictures.length === 0) {
    return bytesOf(output);
  }
  const data = { ...(output.data as IMimeBundle) };
  const lengths = pictures.map(mime => joined(data[mime]).length);
  pictures.forEach(mime => (data[mime] = ''));
  return lengths.reduce((sum, length) => sum + length, bytesOf({ ...output, data }));
}

/** Say in the bundle's text that something of it is missing. */
function leaveOut(bundle: IMimeBundle, mime: string): void {
  const text = joined(bundle['text/plain'] ?? '');
  bundle['text/plain'] = `${text}\n[${mime}: in the notebook, too large to be passed on]`.trim();
}

/** A traceback as it is, or in one piece without its middle. */
function few(traceback: unknown, chars: number): string[] {
  const lines = Array.isArray(traceback) ? traceback.map(String) : [joined(traceback)];
  const text = lines.join('\n');
  return text.length <= chars ? lines : [shorten(text, chars)];
}

/** Whether a value is text, which notebooks may keep in lines; a list in JSON is data. */
function isText(mime: string, value: unknown): boolean {
  const isLines = Array.isArray(value) && value.every(line => typeof line === 'string');
  return typeof value === 'string' || (isLines && !JSON_TYPE.test(mime));
}

/** Data of a chart and the like: as it is, or the beginning of its JSON. */
function cut(value: IMimeBundle[string], chars: number): IMimeBundle[string] {
  const json = JSON.stringify(value);
  return json.length <= chars ? value : shorten(json, chars);
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value);
}

function shorten(text: string, chars: number): string {
  const half = Math.floor(chars / 2);
  return text.length <= chars
    ? text
    : `${text.slice(0, half)}\n[… ${text.length - 2 * half} characters …]\n${text.slice(-half)}`;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
