import * as React from 'react';

import type { Call } from '../../protocol';
import { useServices } from '../shared/services';
import type { Undoing } from '../../view-model/cells';
import { hasChanged } from '../../view-model/timeline';

export interface UndoProps {
  /** In the order in which they were done. */
  calls: readonly Call[];
  /** What the button says. */
  children: string;
  /** What it says to those who cannot see what it belongs to. */
  label: string;
}

/** Takes back what calls changed; there only while all of that is still as they left it. */
export function UndoButton(props: UndoProps): JSX.Element | null {
  const { undoing } = useServices();
  return undoing && props.calls.every(hasChanged) ? (
    <WatchingButton {...props} undoing={undoing} />
  ) : null;
}

/** How a click ended; without a problem everything was taken back. */
interface Tried {
  problem: string | null;
}

function WatchingButton(props: UndoProps & { undoing: Undoing }): JSX.Element | null {
  const { calls, children, label, undoing } = props;
  const { trans } = useServices();
  const isPossible = React.useSyncExternalStore(
    React.useCallback((changed: () => void) => undoing.subscribe(changed), [undoing]),
    () => undoing.isPossible(calls)
  );
  const [tried, setTried] = React.useState<Tried | null>(null);
  React.useEffect(() => {
    if (isPossible) {
      setTried(null);
    }
  }, [isPossible, tried]);
  if (!isPossible) {
    return tried && <Outcome tried={tried} />;
  }
  return (
    <button
      type="button"
      className="jp-Copilot-undo"
      aria-label={label}
      title={
        calls.some(isLossy)
          ? trans.__(
              'Put the cells’ text, type and place back; what ran stays run, and the outputs, attachments and tags that went with a cell do not come back'
            )
          : trans.__('Put the cells back as they were; what ran stays run')
      }
      onClick={() => setTried({ problem: undoing.undo(calls) })}
    >
      {children}
    </button>
  );
}

/** Whether a call took more from cells than its diffs can tell. */
function isLossy(call: Call): boolean {
  return call.preview.cells.some(diff => diff.action === 'delete' || diff.action === 'retype');
}

/** Stands where the button was, until there is something to take back again, and has the focus that the button had. */
function Outcome({ tried }: { tried: Tried }): JSX.Element {
  const { trans } = useServices();
  const element = React.useRef<HTMLSpanElement>(null);
  React.useEffect(() => element.current?.focus(), []);
  return tried.problem === null ? (
    <span ref={element} className="jp-Copilot-muted" role="status" tabIndex={-1}>
      {trans.__('Undone')}
    </span>
  ) : (
    <span ref={element} className="jp-Copilot-problem" role="alert" tabIndex={-1}>
      {tried.problem}
    </span>
  );
}
