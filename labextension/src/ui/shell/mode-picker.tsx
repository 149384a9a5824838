import * as React from 'react';

import type { Mode, RoomState, SetMode, You } from '../../protocol';
import { may, modeName } from '../../view-model/permissions/rules';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

/** How long a mode lasts; without it, until somebody chooses another one. */
export type ModeLasts = Pick<SetMode, 'for_s' | 'one_answer'>;

interface Choice {
  mode: Mode;
  lasts?: ModeLasts;
  name: string;
  means: string;
}

export interface ModePickerProps {
  mode: Mode;
  state: RoomState | null;
  threadId: string;
  you: You | null;
  onPick: (mode: Mode, lasts?: ModeLasts) => void;
}

/** What the agent may do in this conversation without asking; the same for everybody here. */
export function ModePicker({ mode, state, threadId, you, onPick }: ModePickerProps): JSX.Element {
  const trans = useTrans();
  const thread = state?.threads[threadId];
  const choices = choicesOf(trans).filter(
    choice =>
      state !== null &&
      may(state, { type: 'set_mode', thread_id: threadId, mode: choice.mode }, you)
  );
  const isCurrent = ({ mode: chosen, lasts }: Choice) =>
    chosen === mode && (lasts?.one_answer ?? false) === (thread?.mode_one_answer ?? false);
  return (
    <Menu
      label={trans.__('Mode: %1', modeName(mode, trans))}
      value={modeName(mode, trans)}
      side="above"
      disabled={choices.length === 0 || thread === undefined}
    >
      {close =>
        choices.map(choice => (
          <MenuEntry
            key={choice.name}
            checked={isCurrent(choice)}
            onPick={() => {
              onPick(choice.mode, choice.lasts);
              close();
            }}
          >
            <span className="jp-Copilot-grow">
              {choice.name}
              <span className="jp-Copilot-entryMeans">{choice.means}</span>
            </span>
          </MenuEntry>
        ))
      }
    </Menu>
  );
}

const HOUR_S = 3600;

function choicesOf(trans: ReturnType<typeof useTrans>): Choice[] {
  const hazards = trans.__('Edits and runs without asking; dangerous code still asks.');
  return [
    {
      mode: 'plan',
      name: modeName('plan', trans),
      means: trans.__('Only reads, and ends in a plan for you to approve.')
    },
    {
      mode: 'ask',
      name: modeName('ask', trans),
      means: trans.__('Every edit and every run waits for somebody’s approval.')
    },
    {
      mode: 'auto_edit',
      name: modeName('auto_edit', trans),
      means: trans.__('Edits are made at once; everything that runs still asks.')
    },
    {
      mode: 'auto',
      lasts: { one_answer: true },
      name: trans.__('Auto, for one answer'),
      means: hazards
    },
    {
      mode: 'auto',
      lasts: { for_s: HOUR_S },
      name: trans.__('Auto, for an hour'),
      means: hazards
    }
  ];
}
