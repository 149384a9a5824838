import type { Cell } from '@jupyterlab/cells';

import type { OpenNotebook } from '../model/rooms';
import type { Services } from '../ui/shared/services';
import { PromptWidget } from './prompt-widget';

const open = new WeakMap<Cell, PromptWidget>();

/** Ask above a cell, in place of what was asked there before; without words the person writes them. */
export function promptIn(
  notebook: OpenNotebook,
  cell: Cell,
  services: Services,
  showSidebar: () => void,
  words: string | null
): Promise<void> {
  open.get(cell)?.dispose();
  const widget = new PromptWidget(notebook, cell, services, showSidebar);
  open.set(cell, widget);
  return widget.open(words);
}
