import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import type * as React from 'react';

import type { Attachment } from '../view-model/attachments';
import { sourceOf } from './cell-source';
import type { NotebookCells } from './notebook-cells';

/** Under these types JupyterLab drags cells, as the widgets that they are, and files, as their paths. */
const CELLS = 'internal:cells';
const FILES = 'application/x-jupyter-icontents';

/** A drag within JupyterLab, which has events of its own. */
interface LabDragEvent extends MouseEvent {
  readonly mimeData: { hasData(mime: string): boolean; getData(mime: string): unknown };
  readonly proposedAction: string;
  dropAction: string;
}

/** Accepts cells and files that are dragged onto a node from elsewhere in JupyterLab, until disposed. */
export function acceptDrags(
  node: HTMLElement,
  cells: () => NotebookCells | null,
  take: (attachment: Attachment) => void
): IDisposable {
  const listener = (given: Event) => {
    const event = given as LabDragEvent;
    const notebook = cells();
    if (notebook === null || !(event.mimeData.hasData(CELLS) || event.mimeData.hasData(FILES))) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    event.dropAction = event.proposedAction;
    if (event.type === 'lm-drop') {
      event.dropAction = 'none'; // nothing leaves the place that it was dragged from
      draggedAttachments(event, notebook).forEach(take);
    }
  };
  const types = ['lm-dragenter', 'lm-dragover', 'lm-drop'];
  types.forEach(type => node.addEventListener(type, listener, true));
  return new DisposableDelegate(() => {
    types.forEach(type => node.removeEventListener(type, listener, true));
  });
}

/** What is dragged: cells of the notebook that the panel follows, and files. */
export function draggedAttachments(
  { mimeData }: Pick<LabDragEvent, 'mimeData'>,
  cells: NotebookCells
): Attachment[] {
  const dragged = (mimeData.getData(CELLS) ?? []) as { model: { id: string } }[];
  const found = [...cells.models()].filter(model => dragged.some(d => d.model.id === model.id));
  const files = (mimeData.getData(FILES) ?? []) as string[];
  return [
    ...found.map((model): Attachment => ({
      kind: 'cell',
      cellId: model.id,
      label: `cell ${cells.number(model.id)}`,
      source: sourceOf(model)
    })),
    ...files.map((path): Attachment => ({ kind: 'file', label: path.replace(/^\w+:/, '') }))
  ];
}

/** What a drop of text stands for: a selection, when the text is found in a cell of the notebook. */
export function droppedAttachment(event: React.DragEvent, cells: NotebookCells): Attachment | null {
  const text = event.dataTransfer.getData('text/plain');
  if (text.trim() === '' || event.dataTransfer.files.length > 0) {
    return null;
  }
  for (const model of cells.models()) {
    if (model.sharedModel.getSource().includes(text)) {
      const label = `selection in cell ${cells.number(model.id)}`;
      return { kind: 'selection', cellId: model.id, label, text };
    }
  }
  return null;
}
