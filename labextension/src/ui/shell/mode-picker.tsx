import * as React from 'react';

import type { Mode } from '../../protocol';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

const CHOICES: readonly Mode[] = ['ask', 'auto_edit'];

export interface ModePickerProps {
  mode: Mode;
  disabled: boolean;
  onPick: (mode: Mode) => void;
}

/** What the agent may do in this conversation without asking; the same for everybody here. */
export function ModePicker({ mode, disabled, onPick }: ModePickerProps): JSX.Element {
  const trans = useTrans();
  const modes: Record<Mode, { name: string; means: string }> = {
    plan: {
      name: trans.__('Plan'),
      means: trans.__('Only reads, and ends in a plan for you to approve.')
    },
    ask: {
      name: trans.__('Ask'),
      means: trans.__('Every edit and every run needs somebody’s approval.')
    },
    auto_edit: {
      name: trans.__('Edit freely'),
      means: trans.__('Edits are made at once; everything that runs still asks.')
    },
    auto: {
      name: trans.__('Auto'),
      means: trans.__('Edits and runs without asking, until its time is up.')
    }
  };
  return (
    <Menu
      label={trans.__('Mode: %1', modes[mode].name)}
      value={modes[mode].name}
      side="above"
      disabled={disabled}
    >
      {close =>
        CHOICES.map(key => (
          <MenuEntry
            key={key}
            checked={key === mode}
            onPick={() => {
              onPick(key);
              close();
            }}
          >
            <span className="jp-Copilot-grow">
              {modes[key].name}
              <span className="jp-Copilot-entryMeans">{modes[key].means}</span>
            </span>
          </MenuEntry>
        ))
      }
    </Menu>
  );
}
