import * as React from 'react';

import { type CellTarget, useServices } from './services';

/** Plain text in which `code` between backticks is set as code. */
export function CodeText({ text }: { text: string }): JSX.Element {
  const pieces = text.split(/`([^`\n]+)`/);
  return <>{pieces.map((piece, i) => (i % 2 === 1 ? <code key={i}>{piece}</code> : piece))}</>;
}

const CELL = /\b[Cc]ell \d+\b/g;

export interface LinkedTextProps {
  text: string;
  /** Cells that the text is about, by the label that it uses for them. */
  cells?: readonly { cell_id: string; label: string }[];
}

/** Plain text in which "cell 4" leads to that cell, and `code` between backticks is set as code. */
export function LinkedText({ text, cells = [] }: LinkedTextProps): JSX.Element {
  const parts: React.ReactNode[] = [];
  text.split(/(`[^`\n]+`)/).forEach((piece, index) => {
    if (index % 2 === 1) {
      parts.push(<code key={index}>{piece.slice(1, -1)}</code>);
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
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(CELL)) {
    const label = match[0];
    const cell = cells.find(c => c.label.toLowerCase() === label.toLowerCase());
    const target: CellTarget = cell
      ? { id: cell.cell_id }
      : { number: Number(label.slice(label.indexOf(' ') + 1)) };
    parts.push(text.slice(from, match.index));
    parts.push(<CellLink key={`${index}.${match.index}`} target={target} label={label} />);
    from = match.index + label.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** Leads to a cell of the notebook. */
export function CellLink({ target, label }: { target: CellTarget; label: string }): JSX.Element {
  const services = useServices();
  return (
    <button
      type="button"
      className="jp-Copilot-link jp-Copilot-cellLink"
      title={services.trans.__('Go to this cell')}
      onClick={event => {
        event.stopPropagation();
        services.goToCell(target);
      }}
    >
      {label}
    </button>
  );
}

/** Makes every "cell 4" in rendered Markdown a button that `onGo` gets the number of; code and links stay as they are. */
export function linkCells(host: HTMLElement, onGo: (number: number) => void, title: string): void {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    CELL.lastIndex = 0;
    if (CELL.test(node.data) && !node.parentElement?.closest('a, pre, code, button, .MathJax')) {
      found.push(node);
    }
  }
  for (const node of found) {
    node.replaceWith(...split(node.data, onGo, title));
  }
}

function split(text: string, onGo: (number: number) => void, title: string): (string | Node)[] {
  const parts: (string | Node)[] = [];
  let from = 0;
  for (const match of text.matchAll(CELL)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-Copilot-link jp-Copilot-cellLink';
    button.title = title;
    button.textContent = match[0];
    const number = Number(match[0].slice(match[0].indexOf(' ') + 1));
    button.addEventListener('click', () => onGo(number));
    parts.push(text.slice(from, match.index), button);
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
