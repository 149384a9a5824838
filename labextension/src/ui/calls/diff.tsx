import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { CellDiff } from '../../protocol';
import { type DiffLine, lineDiff } from '../../view-model/diff-lines';
import { Button } from '../shared/button';
import { CellLink } from '../shared/linked-text';
import { Code } from '../shared/code';
import { visibleText } from '../../core/visible-text';
import { useTrans } from '../shared/services';
import { Visible } from '../shared/visible';
import { upperFirst } from '../../view-model/wording';

export interface DiffProps {
  cells: readonly CellDiff[];
  /** Whether every line is shown, unchanged ones too: what will run is never folded. */
  whole?: boolean;
}

/** What happens to each cell: a diff for edits, highlighted code for runs. */
export function Diff({ cells, whole = false }: DiffProps): JSX.Element {
  const shown = cells.filter((cell, index) => !isRunOfShown(cells, cell, index));
  return (
    <div className="jp-Copilot-diffs">
      {shown.map((cell, index) => (
        <CellChange
          key={`${cell.cell_id}.${index}`}
          cell={cell}
          named={shown.length > 1}
          whole={whole}
        />
      ))}
    </div>
  );
}

/** Whether a cell is run right after a change of it that is shown already. */
function isRunOfShown(cells: readonly CellDiff[], cell: CellDiff, index: number): boolean {
  return (
    cell.action === 'run' &&
    cells
      .slice(0, index)
      .some(c => c.cell_id === cell.cell_id && (c.action === 'insert' || c.action === 'edit'))
  );
}

interface CellChangeProps {
  cell: CellDiff;
  named: boolean;
  whole: boolean;
}

function CellChange({ cell, named, whole }: CellChangeProps): JSX.Element {
  const trans = useTrans();
  const what = actionName(cell, trans);
  return (
    <section className="jp-Copilot-diff" aria-label={`${what} ${cell.label}`}>
      {(named || cell.action === 'move' || cell.action === 'retype') && (
        <div className="jp-Copilot-diffTitle">
          {what} {cell.label && <CellLink target={{ id: cell.cell_id }} label={cell.label} />}
        </div>
      )}
      <CellBody cell={cell} whole={whole} />
    </section>
  );
}

function CellBody({ cell, whole }: Omit<CellChangeProps, 'named'>): JSX.Element | null {
  switch (cell.action) {
    case 'run':
      return <Code code={cell.after ?? cell.before ?? ''} language="python" />;
    case 'move':
      return whole ? <Code code={cell.after ?? ''} language="python" /> : null;
    case 'insert':
    case 'edit':
    case 'delete':
    case 'retype':
      return cell.before === cell.after && !whole ? null : (
        <Lines lines={lineDiff(shownAs(cell.before), shownAs(cell.after), whole)} />
      );
  }
}

function shownAs(source: string | null): string {
  return visibleText(source ?? '').text;
}

function actionName(cell: CellDiff, trans: TranslationBundle): string {
  switch (cell.action) {
    case 'run':
      return trans.__('Run');
    case 'move':
      return trans.__('Move');
    case 'insert':
      return trans.__('Insert');
    case 'edit':
      return trans.__('Edit');
    case 'delete':
      return trans.__('Delete');
    case 'retype':
      return trans.__('Make %1 of', upperFirst(cell.cell_type));
  }
}

function Lines({ lines }: { lines: DiffLine[] }): JSX.Element {
  return (
    <div className="jp-Copilot-lines" tabIndex={0} role="group" dir="ltr">
      {lines.map((line, index) =>
        line.type === 'skipped' ? (
          <Skipped key={index} lines={line.lines} />
        ) : (
          <Line key={index} line={line} />
        )
      )}
    </div>
  );
}

const SIGN = { same: ' ', added: '+', removed: '−' } as const;

function Line({ line }: { line: Exclude<DiffLine, { type: 'skipped' }> }): JSX.Element {
  const trans = useTrans();
  const spoken = { same: '', added: trans.__('added:'), removed: trans.__('removed:') };
  return (
    <div className={`jp-Copilot-line jp-mod-${line.type}`}>
      <span className="jp-Copilot-sign" aria-hidden="true">
        {SIGN[line.type]}
      </span>
      {spoken[line.type] && <span className="jp-Copilot-sr">{spoken[line.type]} </span>}
      <span>
        {line.pieces.map((piece, index) =>
          piece.changed ? (
            <mark key={index}>
              <Visible shown={piece.text} />
            </mark>
          ) : (
            <Visible key={index} shown={piece.text} />
          )
        )}
        {'\n'}
      </span>
    </div>
  );
}

function Skipped({ lines }: { lines: string[] }): JSX.Element {
  const trans = useTrans();
  const [open, setOpen] = React.useState(false);
  if (open) {
    return (
      <>
        {lines.map((text, index) => (
          <Line key={index} line={{ type: 'same', pieces: [{ text, changed: false }] }} />
        ))}
      </>
    );
  }
  return (
    <Button className="jp-Copilot-skipped" onClick={() => setOpen(true)}>
      {trans._n('%1 unchanged line', '%1 unchanged lines', lines.length)}
    </Button>
  );
}
