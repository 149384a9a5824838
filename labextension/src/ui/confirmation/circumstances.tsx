import * as React from 'react';

import type { Open, Run } from '../../protocol';
import { useNow, useTrans } from '../shared/services';
import { actorName, listNames, timeLeft } from '../../view-model/wording';

export interface CircumstancesProps {
  confirmation: Open;
  run: Run | null;
  /** Names of the others who look at it now. */
  reviewers: string[];
}

/** Who asks, who looks at it, and how long it is open. */
export function Circumstances(props: CircumstancesProps): JSX.Element {
  const { confirmation, run, reviewers } = props;
  const trans = useTrans();
  const now = useNow(confirmation.expires_at === null ? 60_000 : 1000);
  const parts: string[] = [];
  switch (confirmation.kind) {
    case 'question':
      parts.push(trans.__('a question to everybody here'));
      break;
    case 'kernel':
      parts.push(trans.__('requested by code in this notebook'));
      break;
    case 'tool_call':
      if (run) {
        parts.push(trans.__('requested by %1', actorName(run.asked_by, trans)));
      }
  }
  const { needed } = confirmation.policy;
  if (needed > 1) {
    const agreed = confirmation.votes.map(vote => actorName(vote.by, trans));
    const count = trans.__('%1 of %2 approved', agreed.length, needed);
    parts.push(agreed.length === 0 ? count : `${count}: ${listNames(agreed, trans)}`);
  }
  if (reviewers.length > 0) {
    const names = listNames(reviewers, trans);
    parts.push(trans._n('%2 is reviewing', '%2 are reviewing', reviewers.length, names));
  }
  if (confirmation.expires_at !== null) {
    parts.push(timeLeft(confirmation.expires_at - now, trans));
  }
  return <div className="jp-Copilot-muted">{parts.join(' · ')}</div>;
}
