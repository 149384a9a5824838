import * as React from 'react';

import type { Call } from '../../protocol';
import { useServices } from '../shared/services';

const NEVER = () => () => undefined;

/** What an approval leaves out, or takes as this person edited it in the cells. */
export function MeantNote(props: { call: Call }): JSX.Element | null {
  const { meantOf, watchMeant } = useServices();
  const words = React.useSyncExternalStore(
    watchMeant ?? NEVER,
    () => meantOf?.(props.call) ?? null
  );
  return words === null ? null : (
    <div className="jp-Copilot-cardBody jp-Copilot-muted" role="status">
      {words}
    </div>
  );
}
