import * as React from 'react';

import { APPROVE, DENY, type Open } from '../../protocol';
import { useTrans } from '../shared/services';
import { seenKey, useAllSeen } from './seen-store';

export interface GroupBarProps {
  /** What one answer asks for, in the order in which it would be done. */
  confirmations: readonly Open[];
  /** Why this person may not decide all of it, in a sentence; null when they may. */
  barred: string | null;
  sending: boolean;
  onDecideAll: (option: string) => void;
}

/** Below the cards of one answer: all of them decided at once. Each can still be decided by itself. */
export function GroupBar(props: GroupBarProps): JSX.Element {
  const { confirmations, barred, sending, onDecideAll } = props;
  const trans = useTrans();
  const mayAct = useAllSeen(confirmations.map(seenKey));
  const count = confirmations.length;
  return (
    <section
      className="jp-Copilot-group"
      aria-label={trans.__('%1 steps of one answer wait for a decision', count)}
    >
      <span className="jp-Copilot-grow jp-Copilot-muted">
        {barred ?? trans.__('%1 steps, done in this order', count)}
      </span>
      {barred === null && (
        <>
          <button
            type="button"
            className="jp-Copilot-button jp-mod-plain"
            data-option={DENY}
            disabled={sending}
            onClick={() => onDecideAll(DENY)}
          >
            {trans.__('Deny all')}
          </button>
          <button
            type="button"
            className="jp-Copilot-button jp-mod-go"
            data-option={APPROVE}
            disabled={sending || !mayAct}
            title={mayAct ? undefined : trans.__('Scroll to the end of what will happen first.')}
            onClick={() => onDecideAll(APPROVE)}
          >
            {sending ? trans.__('Sending…') : trans.__('Approve all %1', count)}
          </button>
        </>
      )}
    </section>
  );
}
