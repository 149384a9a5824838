import * as React from 'react';

import type { Command, RoomState, You } from '../../protocol';
import { may, standing } from '../../view-model/permissions/rules';
import { Button } from '../shared/button';
import { useNow, useServices } from '../shared/services';

export interface RulesStripProps {
  state: RoomState | null;
  threadId: string;
  you: You | null;
  onCommand: (command: Command) => void;
}

/** What may happen here without asking, each ended by one click. */
export function RulesStrip({
  state,
  threadId,
  you,
  onCommand
}: RulesStripProps): JSX.Element | null {
  const { Icon, trans } = useServices();
  const now = useNow(1000);
  const lines = state === null ? [] : standing(state, threadId, now, trans);
  if (lines.length === 0) {
    return null;
  }
  return (
    <div className="jp-Copilot-strip" role="group" aria-label={trans.__('Allowed without asking')}>
      {lines.map(({ key, text, details, end }) => (
        <div key={key} className="jp-Copilot-stripLine" data-rule={key}>
          <span className="jp-Copilot-grow" title={`${text} · ${details}`}>
            {text} <span className="jp-Copilot-muted">· {details}</span>
          </span>
          <Button
            className="jp-Copilot-iconButton"
            aria-label={trans.__('Revoke: %1', text)}
            title={trans.__('Revoke, for everybody, at once')}
            disabled={state === null || !may(state, end, you)}
            onClick={() => onCommand(end)}
          >
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  );
}
