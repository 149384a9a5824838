import * as React from 'react';

import type { Call } from '../client/protocol';
import { type Undoing, useServices } from './services';
import { hasChanged } from './timeline';

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

function WatchingButton(props: UndoProps & { undoing: Undoing }): JSX.Element | null {
  const { calls, children, label, undoing } = props;
  const { trans } = useServices();
  const isPossible = React.useSyncExternalStore(
    React.useCallback((changed: () => void) => undoing.subscribe(changed), [undoing]),
    () => undoing.isPossible(calls)
  );
  const [problem, setProblem] = React.useState<string | null>(null);
  if (problem !== null) {
    return (
      <span className="jp-Copilot-problem" role="alert">
        {problem}
      </span>
    );
  }
  if (!isPossible) {
    return null;
  }
  return (
    <button
      type="button"
      className="jp-Copilot-undo"
      aria-label={label}
      title={trans.__('Put the cells back as they were; what ran stays run')}
      onClick={() => setProblem(undoing.undo(calls))}
    >
      {children}
    </button>
  );
}
