import * as React from 'react';

import type { Command, Rewound } from '../../protocol';
import { actorName } from '../../view-model/wording';
import { Button } from '../shared/button';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

/** What goes back to before a message. */
export type RewindWhat = 'notebook' | 'chat' | 'both';

export interface RewindMenuProps {
  /** Whether the notebook was kept since, so that it can go back too. */
  kept: boolean;
  onRewind: (what: RewindWhat) => void;
}

/** Beside a message: back to before it. What the notebook loses by that is shown on a card before it happens. */
export function RewindMenu({ kept, onRewind }: RewindMenuProps): JSX.Element {
  const trans = useTrans();
  const shown = trans.__('Shows what it takes back, and asks, before anything happens.');
  const choices: [RewindWhat, string, string][] = [
    ['notebook', trans.__('Rewind the notebook to here…'), shown],
    ['both', trans.__('Rewind notebook and chat to here…'), shown],
    ['chat', trans.__('Rewind this chat to here'), trans.__('Can be brought back.')]
  ];
  return (
    <div className="jp-Copilot-rewind">
      <Menu
        label={trans.__('Rewind to here…')}
        value={<span aria-hidden="true">↶</span>}
        align="end"
      >
        {close =>
          choices
            .filter(([what]) => kept || what === 'chat')
            .map(([what, label, means]) => (
              <MenuEntry
                key={what}
                onPick={() => {
                  onRewind(what);
                  close();
                }}
              >
                <span className="jp-Copilot-grow">
                  {label}
                  <span className="jp-Copilot-entryMeans">{means}</span>
                </span>
              </MenuEntry>
            ))
        }
      </Menu>
    </div>
  );
}

export interface RewoundRowProps {
  threadId: string;
  rewound: Rewound;
  count: number;
  canWrite: boolean;
  onCommand: (command: Command) => void;
}

/** In the place of what somebody took back: who did, and the way to bring it back. */
export function RewoundRow(props: RewoundRowProps): JSX.Element {
  const { threadId, rewound, count, canWrite, onCommand } = props;
  const trans = useTrans();
  const name = actorName(rewound.by, trans);
  const { rewind_id } = rewound;
  return (
    <div className="jp-Copilot-aside" data-rewind={rewind_id}>
      {trans._n('%2 took back %1 entry', '%2 took back %1 entries', count, name)}{' '}
      {canWrite && (
        <Button
          className="jp-Copilot-link"
          onClick={() => onCommand({ type: 'undo_rewind', thread_id: threadId, rewind_id })}
        >
          {trans.__('Bring back')}
        </Button>
      )}
    </div>
  );
}
