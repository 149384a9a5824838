import * as React from 'react';

import type { Call, Undone } from '../../protocol';
import { Button } from '../shared/button';
import { useServices } from '../shared/services';
import type { Undoing } from '../../view-model/cells';
import { hasChanged } from '../../view-model/conversation/call-state';

export interface UndoProps {
  /** In the order in which they were done. */
  calls: readonly Call[];
  /** What the button says. */
  children: string;
  /** What it says to those who cannot see what it belongs to. */
  label: string;
}

/**
 * Takes back what calls changed; the button is there only while all of that is still as they left it. Once somebody took
 * it back, that stands here for everybody.
 */
export function UndoButton(props: UndoProps): JSX.Element | null {
  const { undoing } = useServices();
  if (!props.calls.every(hasChanged)) {
    return null;
  }
  return undoing ? <WatchingButton {...props} undoing={undoing} /> : <UndoneNote {...props} />;
}

function WatchingButton(props: UndoProps & { undoing: Undoing }): JSX.Element | null {
  const { calls, children, label, undoing } = props;
  const { trans } = useServices();
  const subscribe = React.useCallback(
    (changed: () => void) => undoing.subscribe(changed),
    [undoing]
  );
  const isPossible = React.useSyncExternalStore(subscribe, () => undoing.isPossible(calls));
  const hasOldOutputs = React.useSyncExternalStore(subscribe, () => undoing.hasOldOutputs(calls));
  const [problem, setProblem] = React.useState<string | null>(null);
  const [clicked, setClicked] = React.useState(false);
  const undone = lastUndone(calls);
  React.useEffect(() => {
    if (isPossible) {
      setProblem(null);
    }
  }, [isPossible]);
  return (
    <>
      {problem !== null && !isPossible && <Problem text={problem} />}
      <UndoneNote calls={calls} takeFocus={clicked && !isPossible} />
      {clicked && undone?.outputs === 'kept' && hasOldOutputs && (
        <Button className="jp-Copilot-undo" onClick={() => undoing.clearOldOutputs(calls)}>
          {trans.__('Clear output')}
        </Button>
      )}
      {isPossible && (
        <Button
          className="jp-Copilot-undo"
          aria-label={label}
          title={
            calls.some(isLossy)
              ? trans.__(
                  'Put the cells’ text, type and place back; code that has run is not undone, and the outputs, attachments and tags that went with a cell do not come back'
                )
              : trans.__('Put the cells back as they were; code that has run is not undone')
          }
          onClick={() => {
            setProblem(undoing.undo(calls));
            setClicked(true);
          }}
        >
          {children}
        </Button>
      )}
    </>
  );
}

/** Why nothing was taken back; it has the focus that the button had. */
function Problem({ text }: { text: string }): JSX.Element {
  const element = React.useRef<HTMLSpanElement>(null);
  React.useEffect(() => element.current?.focus(), []);
  return (
    <span ref={element} className="jp-Copilot-problem" role="alert" tabIndex={-1}>
      {text}
    </span>
  );
}

interface UndoneNoteProps {
  calls: readonly Call[];
  /** Whether the button that had the focus is gone, and this stands in its place. */
  takeFocus?: boolean;
}

/** Who took it back, and what became of the output of the code. */
function UndoneNote({ calls, takeFocus = false }: UndoneNoteProps): JSX.Element | null {
  const { trans } = useServices();
  const undone = lastUndone(calls);
  const element = React.useRef<HTMLSpanElement>(null);
  const isShown = undone !== null;
  React.useEffect(() => {
    if (takeFocus && isShown) {
      element.current?.focus();
    }
  }, [takeFocus, isShown]);
  if (undone === null) {
    return null;
  }
  const ran = calls.some(
    call => call.effect === 'execute' && call.preview.cells.some(diff => diff.action === 'edit')
  );
  return (
    <span ref={element} className="jp-Copilot-undone jp-Copilot-muted" role="status" tabIndex={-1}>
      {!ran
        ? trans.__('Undone by %1', undone.by.name)
        : undone.outputs === 'kept'
          ? trans.__('Undone by %1; its output was kept', undone.by.name)
          : trans.__('Undone by %1, output cleared', undone.by.name)}
    </span>
  );
}

/** The latest undo of all these calls; null unless each of them was taken back. */
function lastUndone(calls: readonly Call[]): Undone | null {
  const undone = calls.map(call => (call.status === 'finished' ? call.undone : null));
  return undone.every(each => each !== null)
    ? undone.reduce((a, b) => (b.at > a.at ? b : a))
    : null;
}

/** Whether a call took more from cells than its diffs can tell. */
function isLossy(call: Call): boolean {
  return call.preview.cells.some(diff => diff.action === 'delete' || diff.action === 'retype');
}
