import * as React from 'react';

import type { AgentChoice } from '../../view-model/copilot-view';
import { Menu, MenuEntry } from '../shared/menu';
import { useTrans } from '../shared/services';

export interface AgentPickerProps {
  /** The agents that the server offers, the default first. */
  agents: readonly AgentChoice[];
  current: AgentChoice | undefined;
  onPick: (agentId: string) => void;
}

/** Who answers the next message; nothing where there is no choice. */
export function AgentPicker({ agents, current, onPick }: AgentPickerProps): JSX.Element | null {
  const trans = useTrans();
  if (agents.length < 2 || current === undefined) {
    return null;
  }
  return (
    <Menu label={trans.__('Agent: %1', current.name)} value={current.name} side="above">
      {close =>
        agents.map(agent => (
          <MenuEntry
            key={agent.agent_id}
            checked={agent === current}
            onPick={() => {
              onPick(agent.agent_id);
              close();
            }}
          >
            <span className="jp-Copilot-grow">
              {agent.name} {agent.version}
              {(agent.missing || agent.account) && (
                <span className="jp-Copilot-entryMeans">
                  {agent.missing || trans.__('with %1', agent.account)}
                </span>
              )}
            </span>
          </MenuEntry>
        ))
      }
    </Menu>
  );
}
