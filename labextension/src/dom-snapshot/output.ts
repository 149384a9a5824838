import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { settledWithin } from '../notebook/settled-within';
import { drawingOf } from './drawing';
import { type Bounds, frameFor } from './frame';
import { paint, type Png } from './png';
import { stillness } from './stillness';
import { ComputedStyles } from './styles';

/** What a tab shows of a cell's outputs, and what is missing in the picture. */
export interface OutputPicture extends Png {
  /** Embedded pages, which are blank. */
  readonly frames: number;
  /** Images of other sites, which are blank. */
  readonly images: number;
  /** Whether the outputs go on beyond the edge. */
  readonly cut: boolean;
}

/** A report is one frame of the channel, which has an end. */
const MOST_CHARS = 600_000;
/** What stands among the outputs and is none. */
const NO_OUTPUT = '.jp-Copilot-errorBar, .jp-OutputArea-promptOverlay';
/** A colour that lets through all that is behind it, as browsers tell computed ones. */
const CLEAR = /^(?:transparent|(?:rgba\(.*,|.*\/)\s*0(?:\.0*)?%?\s*\))?$/;
const STILL_MS = 150;
const PATIENCE_MS = 4000;
const SCROLLS = 5;

/**
 * Take a picture of a cell's outputs as the person sees them, or of one of them, counted from 1.
 *
 * The notebook is scrolled to the cell when it does not draw it now. Rejects, in words for people and the agent, when
 * the outputs are not shown in this page.
 */
export async function pictureOfOutput(
  panel: NotebookPanel,
  cellId: string,
  output: number | null,
  bounds: Bounds
): Promise<OutputPicture> {
  const cell = await shownCell(panel, cellId);
  const node = nodeOf(cell, output);
  const { width } = node.getBoundingClientRect();
  const frame = frameFor({ width, height: node.scrollHeight }, bounds);
  const { svg, frames, images } = drawingOf(node, frame, new ComputedStyles(), {
    except: NO_OUTPUT
  });
  const png = await paint(svg, frame, backgroundOf(node), MOST_CHARS);
  return { ...png, frames, images, cut: frame.cut || scrolls(node) };
}

/** The cell, drawn by the notebook. */
async function shownCell({ content, isVisible }: NotebookPanel, cellId: string): Promise<CodeCell> {
  const index = content.widgets.findIndex(each => each.model.id === cellId);
  const cell = content.widgets[index];
  if (!(cell instanceof CodeCell)) {
    throw new Error('There is no such code cell here.');
  }
  if (!isVisible) {
    throw new Error(
      'The notebook is behind another tab of JupyterLab; open_file brings it to the front.'
    );
  }
  if (cell.outputHidden) {
    throw new Error('The outputs of this cell are collapsed.');
  }
  const outputs = cell.outputArea.node;
  await stillness(outputs, STILL_MS, PATIENCE_MS);
  for (let tries = 0; tries < SCROLLS && outputs.offsetHeight === 0; tries++) {
    // A notebook guesses the heights of cells that it never drew, and so may come closer with each scroll.
    await settledWithin(content.scrollToItem(index), PATIENCE_MS);
    await stillness(outputs, STILL_MS, PATIENCE_MS);
  }
  return cell;
}

function nodeOf({ outputArea }: CodeCell, output: number | null): HTMLElement {
  const node = output === null ? outputArea.node : outputArea.widgets[output - 1]?.node;
  if (node === undefined || outputArea.widgets.length === 0 || node.offsetHeight === 0) {
    throw new Error('Nothing of these outputs is shown.');
  }
  return node;
}

/** Whether a part of it can be scrolled sideways, and so is not all to be seen. */
function scrolls(node: HTMLElement): boolean {
  const outputs = node.querySelectorAll('.jp-OutputArea-output');
  return [...outputs].some(each => each.scrollWidth > each.clientWidth + 1);
}

/** The colour that the page has behind an element. */
export function backgroundOf(node: HTMLElement): string {
  for (let each: HTMLElement | null = node; each !== null; each = each.parentElement) {
    const { backgroundColor } = getComputedStyle(each);
    if (!CLEAR.test(backgroundColor)) {
      return backgroundColor;
    }
  }
  return 'white';
}
