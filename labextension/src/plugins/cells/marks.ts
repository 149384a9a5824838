import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { type CellMark, cellMarks } from '../../notebook/cell-marks';
import { cellButton } from '../../notebook/own-keys';
import { IRooms, isOnlyText, type OpenNotebook, type Rooms } from '../../model/rooms';
import { ICopilotPanel } from '../../tokens';

const MARKED = 'jp-Copilot-markedCell';
const BADGE = 'jp-Copilot-cellBadge';

/** Marks the cells that the agent edits or runs, or wants to, with who asked for it. */
export const marks: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-collaborative-copilot:cell-marks',
  description: 'Live marks on the cells that the copilot works on.',
  autoStart: true,
  requires: [IRooms, ICopilotPanel],
  optional: [ITranslator],
  activate: (_app, rooms: Rooms, panel: ICopilotPanel, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('jupyter_copilot');
    rooms.forEach(notebook => {
      const draw = () => drawMarks(notebook, rooms, panel, trans);
      notebook.room.model.stateChanged.connect((_, change) => isOnlyText(change) || draw());
      notebook.cells.changed.connect(draw);
      rooms.preferences.changed.connect(draw);
      notebook.panel.disposed.connect(() => rooms.preferences.changed.disconnect(draw));
    });
  }
};

function drawMarks(
  { panel: { content }, room }: OpenNotebook,
  rooms: Rooms,
  panel: ICopilotPanel,
  trans: TranslationBundle
): void {
  const { state } = room.model;
  if (content.isDisposed || state === null) {
    return;
  }
  const found = rooms.preferences.values.cellMarks ? cellMarks(state) : new Map<string, CellMark>();
  for (const cell of content.widgets) {
    const mark = found.get(String(cell.model.id));
    if (mark === undefined) {
      clear(cell);
    } else {
      show(cell, mark, panel, trans);
    }
  }
}

function clear(cell: Cell): void {
  if (cell.hasClass(MARKED)) {
    cell.removeClass(MARKED);
    cell.node.querySelector(`.${BADGE}`)?.remove();
  }
}

function show(cell: Cell, mark: CellMark, panel: ICopilotPanel, trans: TranslationBundle): void {
  const words = wordsOf(mark, trans);
  const there = cell.node.querySelector<HTMLElement>(`.${BADGE}`);
  if (there?.textContent === words) {
    return;
  }
  there?.remove();
  const { confirmationId } = mark;
  const badge = cellButton(words, () => {
    if (confirmationId === null || !panel.review(confirmationId)) {
      panel.compose();
    }
  });
  badge.className = BADGE;
  badge.dataset.doing = mark.doing;
  badge.title = trans.__('Show it in the copilot');
  cell.addClass(MARKED);
  cell.node.append(badge);
}

function wordsOf({ doing, askedBy }: CellMark, trans: TranslationBundle): string {
  switch (doing) {
    case 'running':
      return trans.__('Copilot runs this · requested by %1', askedBy);
    case 'editing':
      return trans.__('Copilot edits this · requested by %1', askedBy);
    case 'wants_run':
      return trans.__('Copilot wants to run this · requested by %1', askedBy);
    case 'wants_edit':
      return trans.__('Copilot wants to change this · requested by %1', askedBy);
  }
}
