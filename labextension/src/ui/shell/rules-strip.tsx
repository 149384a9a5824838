import * as React from 'react';

import type { Command, Decide, RoomState, You } from '../../protocol';
import { approvable } from '../../view-model/permissions/approve-all';
import { may, standing } from '../../view-model/permissions/rules';
import { useNow, useServices } from '../shared/services';

export interface RulesStripProps {
  state: RoomState | null;
  threadId: string;
  you: You | null;
  onCommand: (command: Command) => void;
}

/** What may happen here without asking, each ended by one click, and what waits and can be approved at once. */
export function RulesStrip({
  state,
  threadId,
  you,
  onCommand
}: RulesStripProps): JSX.Element | null {
  const { Icon, trans } = useServices();
  const now = useNow(1000);
  const lines = state === null ? [] : standing(state, threadId, now, trans);
  const waiting = state === null ? [] : approvable(state, threadId, you);
  if (state === null || (lines.length === 0 && waiting.length < 2)) {
    return null;
  }
  return (
    <div className="jp-Copilot-strip" role="group" aria-label={trans.__('Allowed without asking')}>
      {lines.map(({ key, text, details, end }) => (
        <div key={key} className="jp-Copilot-stripLine" data-rule={key}>
          <span className="jp-Copilot-grow" title={`${text} · ${details}`}>
            {text} <span className="jp-Copilot-muted">· {details}</span>
          </span>
          <button
            type="button"
            className="jp-Copilot-iconButton"
            aria-label={trans.__('Revoke: %1', text)}
            title={trans.__('Revoke, for everybody, at once')}
            disabled={!may(state, end, you)}
            onClick={() => onCommand(end)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      {waiting.length >= 2 && (
        <div className="jp-Copilot-stripLine">
          <span className="jp-Copilot-grow">
            {trans.__('%1 decisions wait here', waiting.length)}
          </span>
          <button
            type="button"
            className="jp-Copilot-button jp-mod-line"
            onClick={() => onCommand({ type: 'decide_all', decisions: waiting as Decide[] })}
          >
            {trans.__('Approve all %1', waiting.length)}
          </button>
        </div>
      )}
    </div>
  );
}
