import type * as React from 'react';

import type { Attachment } from './components/attachments';
import type { NotebookCells } from './notebook';

/**
 * What a drop of text stands for: a selection, when the text is found in a cell of the notebook.
 *
 * JupyterLab drags cells and files with its own events, which `acceptDrags` hears.
 */
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
