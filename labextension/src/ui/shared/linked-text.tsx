import * as React from 'react';

import { type CellReference, cellReferences } from '../../view-model/cell-references';
import { visibleText } from '../../core/visible-text';
import { Button } from './button';
import { useServices } from './services';
import { Visible } from './visible';
import type { CellTarget } from '../../view-model/cells';

/** Plain text in which `code` between backticks is set as code. */
export function CodeText({ text }: { text: string }): JSX.Element {
  const pieces = text.split(/`([^`\n]+)`/);
  return <>{pieces.map((piece, i) => (i % 2 === 1 ? <code key={i}>{piece}</code> : piece))}</>;
}

export interface LinkedTextProps {
  text: string;
  /** Cells that the text is about, by the label that it uses for them. */
  cells?: readonly { cell_id: string; label: string }[];
}

/** Untrusted text in which "cell 4" leads to that cell, `code` between backticks is set as code, and nothing hides. */
export function LinkedText({ text, cells = [] }: LinkedTextProps): JSX.Element {
  const parts: React.ReactNode[] = [];
  const shown = visibleText(text).text;
  shown.split(/(`[^`\n]+`)/).forEach((piece, index) => {
    if (index % 2 === 1) {
      parts.push(
        <code key={index}>
          <Visible shown={piece.slice(1, -1)} />
        </code>
      );
    } else {
      parts.push(...linked(piece, cells, index));
    }
  });
  return <>{parts}</>;
}

function linked(
  text: string,
  cells: readonly { cell_id: string; label: string }[],
  index: number
): React.ReactNode[] {
  return cellReferences(text).map((part, i) => {
    if (typeof part === 'string') {
      return <Visible key={`${index}.${i}`} shown={part} />;
    }
    const cell = cells.find(c => c.label.toLowerCase() === `cell ${part.number}`);
    const target: CellTarget = cell ? { id: cell.cell_id } : { number: part.number };
    return <CellLink key={`${index}.${i}`} target={target} label={part.label} />;
  });
}

const NEVER = () => () => undefined;
/** A label that is nothing but the cell's number, and not that of the cell above it. */
const NUMBERED = /^(?:cell )?\d+$/i;

/**
 * Leads to a cell of the notebook, and says which one it is now: it has another number than when this was said where
 * cells have come or gone above it. A cell that is gone is no link.
 */
export function CellLink({ target, label }: { target: CellTarget; label: string }): JSX.Element {
  const { trans, cellNumber, cellName, watchCells, pointAtCell, goToCell } = useServices();
  const id = 'id' in target ? target.id : null;
  const number = React.useSyncExternalStore(watchCells ?? NEVER, () =>
    id === null ? null : cellNumber(id)
  );
  React.useEffect(() => () => pointAtCell?.(null), [pointAtCell]);
  if (id !== null && number === null && watchCells !== undefined) {
    return <span title={trans.__('This cell is not in the notebook')}>{label}</span>;
  }
  const leave = () => pointAtCell?.(null);
  const point = () => pointAtCell?.(target);
  const name = id === null ? null : cellName?.(id);
  return (
    <Button
      className="jp-Copilot-link jp-Copilot-cellLink"
      title={name ? trans.__('Go to %1', name) : trans.__('Go to this cell')}
      onMouseEnter={point}
      onMouseLeave={leave}
      onFocus={point}
      onBlur={leave}
      onClick={event => {
        event.stopPropagation();
        goToCell(target);
      }}
    >
      {number !== null && NUMBERED.test(label) ? label.replace(/\d+$/, String(number)) : label}
    </Button>
  );
}

/** Makes every "cell 4" in rendered Markdown a button that `onGo` gets the number of; code and links stay as they are. */
export function linkCells(
  host: HTMLElement,
  onGo: (number: number) => void,
  title: string,
  onPoint: (number: number | null) => void = () => undefined
): void {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) {
    texts.push(walker.currentNode as Text);
  }
  for (const node of texts) {
    const parts = cellReferences(node.data);
    if (parts.length > 0 && !node.parentElement?.closest('a, pre, code, button, .MathJax')) {
      node.replaceWith(
        ...parts.map(part => (typeof part === 'string' ? part : link(part, onGo, title, onPoint)))
      );
    }
  }
}

function link(
  { label, number }: CellReference,
  onGo: (number: number) => void,
  title: string,
  onPoint: (number: number | null) => void
): Node {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-Copilot-link jp-Copilot-cellLink';
  button.title = title;
  button.textContent = label;
  button.addEventListener('click', () => onGo(number));
  ['mouseenter', 'focus'].forEach(type => button.addEventListener(type, () => onPoint(number)));
  ['mouseleave', 'blur'].forEach(type => button.addEventListener(type, () => onPoint(null)));
  return button;
}
