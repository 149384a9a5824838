import * as React from 'react';

import type { ActorKind } from '../../protocol';
import { colorsOf, initialsOf } from '../../view-model/identity';
import type { Look } from '../../view-model/people';
import { useServices } from '../shared/services';

export interface AvatarProps extends Look {
  kind: ActorKind;
  id: string;
  name: string;
}

/** The round mark of somebody: initials on their colour, the spark for the agent. Decorative: the name stands beside it. */
export function Avatar({ kind, id, name, color, initials }: AvatarProps): JSX.Element {
  const { Icon, agentIcon } = useServices();
  if (kind === 'agent') {
    const svg = agentIcon?.(id) ?? '';
    return (
      <span className="jp-Copilot-avatar jp-mod-agent" aria-hidden="true">
        {svg === '' ? <Icon name="copilot" /> : <img alt="" src={svgUrl(svg)} />}
      </span>
    );
  }
  const { background, foreground } = colorsOf(id, color);
  return (
    <span
      className={`jp-Copilot-avatar jp-mod-${kind}`}
      style={{ background, color: foreground }}
      aria-hidden="true"
    >
      {(initials || initialsOf(name)).slice(0, 3)}
    </span>
  );
}

/** An agent's icon as an image, in which nothing runs and nothing is fetched. */
function svgUrl(svg: string): string {
  return `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
}
