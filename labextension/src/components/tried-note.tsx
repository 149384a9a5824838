import * as React from 'react';

import type { Confirmation } from '../client/protocol';
import { useTrans } from './services';

/** Code in a kernel tried to decide this: whoever decides should know. */
export function TriedNote({ confirmation }: { confirmation: Confirmation }): JSX.Element | null {
  const trans = useTrans();
  const by = confirmation.tried_by;
  return (
    by && (
      <div className="jp-Copilot-tried">
        {trans.__('Code in “%1” tried to decide this by itself. It was refused.', by.name)}
      </div>
    )
  );
}
