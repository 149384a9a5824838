import * as React from 'react';

import { surpriseIn } from '../../core/permissions/by-itself';
import { APPROVE, type Call, DENY, type Open } from '../../protocol';
import { Button } from '../shared/button';
import { useTrans } from '../shared/services';
import { seenKey, useAllSeen } from './seen-store';

export interface GroupBarProps {
  /** What one answer asks for, in the order in which it would be done. */
  confirmations: readonly Open[];
  /** The call that each of them is about. */
  calls: readonly Call[];
  /** Why this person may not decide all of it, in a sentence; null when they may. */
  barred: string | null;
  sending: boolean;
  onDecideAll: (option: string, ids: string[]) => void;
}

/**
 * Below the cards of one answer: all of them decided at once. Each can still be decided by itself, and what holds a surprise
 * is approved in no other way.
 */
export function GroupBar(props: GroupBarProps): JSX.Element {
  const { confirmations, calls, barred, sending, onDecideAll } = props;
  const trans = useTrans();
  const together = React.useMemo(
    () => confirmations.filter((_, index) => surpriseIn(calls[index]!) === null),
    [confirmations, calls]
  );
  const mayAct = useAllSeen(together.map(seenKey));
  const count = confirmations.length;
  const alone = count - together.length;
  const decide = (option: string, given: readonly Open[]) =>
    onDecideAll(
      option,
      given.map(each => each.confirmation_id)
    );
  return (
    <section
      className="jp-Copilot-group"
      aria-label={trans.__('%1 steps of one answer wait for a decision', count)}
    >
      <span className="jp-Copilot-grow jp-Copilot-muted">
        {barred ?? trans.__('%1 steps, done in this order', count)}
        {barred === null && alone > 0 && (
          <>
            {' · '}
            {trans._n(
              'look at %1 and approve it by itself',
              'look at %1 and approve each by itself',
              alone
            )}
          </>
        )}
      </span>
      {barred === null && (
        <>
          <Button
            className="jp-Copilot-button jp-mod-plain"
            data-option={DENY}
            disabled={sending}
            onClick={() => decide(DENY, confirmations)}
          >
            {trans.__('Deny all')}
          </Button>
          {together.length > 0 && (
            <Button
              className="jp-Copilot-button jp-mod-go"
              data-option={APPROVE}
              disabled={sending || !mayAct}
              title={mayAct ? undefined : trans.__('Scroll to the end of what will happen first.')}
              onClick={() => decide(APPROVE, together)}
            >
              {sending
                ? trans.__('Sending…')
                : alone > 0
                  ? trans.__('Approve the other %1', together.length)
                  : trans.__('Approve all %1', count)}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
