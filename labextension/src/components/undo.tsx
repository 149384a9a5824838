import * as React from 'react';

import type { Call } from '../protocol';
import { type Undoing, useServices } from './services';

/** Takes back what a call changed; there only while that is still as the call left it. */
export function UndoButton({ call }: { call: Call }): JSX.Element | null {
  const { undoing } = useServices();
  const changes = call.status === 'finished' && call.preview.cells.some(c => c.action !== 'run');
  return undoing && changes && !call.is_error ? <Watching call={call} undoing={undoing} /> : null;
}

function Watching({ call, undoing }: { call: Call; undoing: Undoing }): JSX.Element | null {
  const { trans } = useServices();
  const isPossible = React.useSyncExternalStore(
    React.useCallback(changed => undoing.subscribe(changed), [undoing]),
    () => undoing.isPossible(call)
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
      aria-label={trans.__('Undo “%1”', call.preview.title)}
      title={trans.__('Put the cells back as they were; what ran stays run')}
      onClick={() => setProblem(undoing.undo(call))}
    >
      {trans.__('Undo')}
    </button>
  );
}
