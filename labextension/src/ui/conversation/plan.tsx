import * as React from 'react';

import type { PlanEntry } from '../../protocol';
import { useServices } from '../shared/services';

/** What an agent means to do, as a list that it ticks off. */
export function Plan({ entries }: { entries: readonly PlanEntry[] }): JSX.Element {
  const { trans, Icon } = useServices();
  const marks: Record<string, { label: string; mark: React.ReactNode }> = {
    completed: { label: trans.__('done'), mark: <Icon name="check" /> },
    in_progress: { label: trans.__('running'), mark: <span className="jp-Copilot-spinner" /> }
  };
  const waiting = { label: trans.__('to do'), mark: <span className="jp-Copilot-dot" /> };
  return (
    <ul className="jp-Copilot-plan" aria-label={trans.__('Plan')}>
      {entries.map(({ content, status }, index) => {
        const { label, mark } = marks[status] ?? waiting;
        return (
          <li key={index}>
            <span className="jp-Copilot-planMark" role="img" aria-label={label}>
              {mark}
            </span>
            <span>{content}</span>
          </li>
        );
      })}
    </ul>
  );
}
