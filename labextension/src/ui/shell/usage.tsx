import * as React from 'react';

import type { Usage } from '../../protocol';
import { useTrans } from '../shared/services';
import { tokens } from '../../view-model/wording';

/** Tokens that this conversation used; what they are made of appears on hovering. */
export function UsageCount({ usage }: { usage: Usage }): JSX.Element | null {
  const trans = useTrans();
  const total = usage.prompt + usage.completion;
  if (total === 0) {
    return null;
  }
  const parts = [
    trans.__('%1 tokens read, %2 of them from the cache', usage.prompt, usage.cached),
    trans.__('%1 tokens written, %2 of them reasoning', usage.completion, usage.reasoning)
  ];
  return (
    <span className="jp-Copilot-usage" title={parts.join('\n')}>
      <span aria-hidden="true">{tokens(total)}</span>
      <span className="jp-Copilot-sr">{trans.__('%1 tokens used', total)}</span>
    </span>
  );
}
