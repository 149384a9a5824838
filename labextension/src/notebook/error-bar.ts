import type { CodeCell } from '@jupyterlab/cells';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

import { cellButton } from './own-keys';

export interface ErrorBarOptions {
  label: string;
  /** The buttons: what they say, and what they do. */
  actions: { label: string; act: () => void }[];
  /** Whether the buttons are wanted. */
  isWanted: () => boolean;
}

/** The buttons of one cell. */
export interface ErrorBar extends IDisposable {
  /** Look again whether they are wanted. */
  refresh(): void;
}

/** Shows buttons below the outputs of a cell while one of them is an error. */
export function attachErrorBar(cell: CodeCell, options: ErrorBarOptions): ErrorBar {
  const bar = document.createElement('div');
  bar.className = 'jp-Copilot-errorBar';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', options.label);
  bar.append(...options.actions.map(({ label, act }) => cellButton(label, act)));
  const { outputArea } = cell;
  const refresh = () => {
    if (options.isWanted() && hasError(cell)) {
      outputArea.node.append(bar);
    } else {
      bar.remove();
    }
  };
  const { model } = outputArea;
  model.changed.connect(refresh);
  outputArea.outputLengthChanged.connect(refresh);
  refresh();
  const attached = new DisposableDelegate(() => {
    model.changed.disconnect(refresh);
    outputArea.outputLengthChanged.disconnect(refresh);
    bar.remove();
  });
  return Object.assign(attached, { refresh });
}

function hasError(cell: CodeCell): boolean {
  const { model } = cell.outputArea;
  for (let i = 0; i < model.length; i++) {
    if (model.get(i).type === 'error') {
      return true;
    }
  }
  return false;
}
