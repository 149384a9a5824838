import * as React from 'react';

import type { Participant, You } from '../../protocol';
import { BlockView } from './block';
import { Boundary } from '../shared/boundary';
import type { ConversationActions } from './conversation';
import { lookOf } from '../../view-model/people';
import { PostedMessage, RunActions, Speaker } from './message';
import { RewindMenu, RewoundRow } from './rewind';
import { useTrans } from '../shared/services';
import type { Row } from '../../view-model/conversation/timeline';

export interface RowViewProps {
  /** The same object as long as it shows the same. */
  row: Row;
  you: You | null;
  everybody: readonly Participant[];
  actions: ConversationActions;
}

/** One row; it is drawn again only when it is another, or somebody's looks are. */
export const RowView = React.memo(DrawnRow);

function DrawnRow({ row, you, everybody, actions }: RowViewProps): JSX.Element | null {
  const trans = useTrans();
  const canWrite = you?.can.includes('write') ?? false;
  switch (row.type) {
    case 'earlier':
      return null; // it is drawn by the conversation
    case 'summary':
      return (
        <div className="jp-Copilot-aside">
          {trans.__('Everything above was summarised for the copilot')}
        </div>
      );
    case 'posted':
      return (
        <PostedMessage
          message={row.message}
          look={lookOf(everybody, row.message.author)}
          queued={row.queued !== null}
          sources={row.sources}
          onEdit={canWrite ? actions.onEdit : undefined}
          onWithdraw={canWrite && row.queued ? withdraw(actions, row.queued.run_id) : undefined}
        >
          {canWrite && row.queued === null && (
            <RewindMenu
              kept={row.kept}
              onRewind={what => actions.onRewind(row.message.message_id, what)}
            />
          )}
        </PostedMessage>
      );
    case 'rewound':
      return <RewoundRow {...row} canWrite={canWrite} onCommand={actions.onCommand} />;
    case 'run':
      return (
        <section className="jp-Copilot-run" aria-label={row.agent.name} data-run-id={row.key}>
          <Speaker actor={row.agent} name={row.agent.name} at={row.at}>
            {row.run?.status === 'finished' && <RunActions row={row} you={you} actions={actions} />}
          </Speaker>
          {row.blocks.map(block => (
            <Boundary key={block.key}>
              <BlockView block={block} you={you} actions={actions} />
            </Boundary>
          ))}
        </section>
      );
    case 'open':
    case 'closed':
      return <BlockView block={row} you={you} actions={actions} />;
  }
}

function withdraw(actions: ConversationActions, runId: string): () => void {
  return () => actions.onWithdraw(runId);
}
