import * as React from 'react';

import type { Refusal } from '../../view-model/decision';

/** Why a decision did not count. */
export function RefusalNote({ refusal }: { refusal: Refusal }): JSX.Element {
  return (
    <div className="jp-Copilot-refusal" role="alert">
      {refusal.message} {refusal.hint}
    </div>
  );
}
