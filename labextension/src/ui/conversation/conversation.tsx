import * as React from 'react';

import type { Participant, RoomState, You } from '../../protocol';
import { Announcer } from './announcer';
import { Boundary } from '../shared/boundary';
import type { Decision } from '../../view-model/decision';
import type { Unsent } from '../../view-model/outgoing';
import { RowView } from './row';
import { useTrans } from '../shared/services';
import { useStickToBottom } from './stick-to-bottom';
import { timeline } from '../../view-model/timeline';
import { UnsentRow } from './unsent-row';

export interface ConversationActions {
  onDecide: (confirmationId: string, decision: Decision) => void;
  onDecideAll: (confirmationIds: readonly string[], option: string) => void;
  onReview: (confirmationId: string | null) => void;
  onWithdraw: (runId: string) => void;
  onRetry: (runId: string) => void;
  onContinue: () => void;
  onDiscard: (commandId: string) => void;
}

export interface ConversationProps {
  /** Always the same object, so that rows that did not change are not drawn again. */
  actions: ConversationActions;
  state: RoomState;
  /** Grows with each change of the state, which may be changed in place. */
  version: number;
  threadId: string;
  you: You | null;
  participants: readonly Participant[];
  /** The participants, and whoever was here before. */
  everybody: readonly Participant[];
  /** Commands of this person that the server has not answered yet, or refused. */
  unsent: Unsent[];
  /** Shown instead of an empty conversation. */
  empty: React.ReactNode;
  /** Whether only what waits for a decision is shown. */
  onlyWaiting?: boolean;
}

/** The conversation of one thread. */
export function Conversation(props: ConversationProps): JSX.Element {
  const { state, version, threadId, unsent, you, onlyWaiting = false } = props;
  const trans = useTrans();
  const rows = React.useMemo(() => {
    const all = timeline(state, threadId);
    return onlyWaiting ? all.filter(row => row.type === 'open' || row.type === 'group') : all;
    // The state is folded in place: its version says when to look again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state, version, threadId, onlyWaiting]);
  const messages = unsent.filter(
    u => u.command.type === 'post_message' && u.command.thread_id === threadId
  );
  const mine = messages.length;
  const isEmpty = rows.length + mine === 0;
  const stick = useStickToBottom(`${state.log} ${threadId}`, isEmpty);
  const { toEnd } = stick;
  React.useEffect(() => {
    if (mine > 0) {
      toEnd();
    }
  }, [mine, toEnd]);
  const waiting = rows.some(row => row.type === 'open');
  return (
    <div className="jp-Copilot-conversation">
      <div
        className="jp-Copilot-scroller"
        ref={stick.scroller}
        role="log"
        aria-live="off"
        aria-label={trans.__('Chat')}
        tabIndex={0}
      >
        <div className="jp-Copilot-rows" ref={stick.content}>
          {isEmpty && props.empty}
          {rows.map(row => (
            <Boundary key={row.key}>
              <RowView
                row={row}
                you={you}
                participants={props.participants}
                everybody={props.everybody}
                unsent={unsent}
                actions={props.actions}
              />
            </Boundary>
          ))}
          {you &&
            messages.map(u => (
              <UnsentRow
                key={u.commandId}
                unsent={u}
                you={you}
                everybody={props.everybody}
                onDiscard={props.actions.onDiscard}
              />
            ))}
        </div>
      </div>
      {stick.hasNew && (
        <button type="button" className="jp-Copilot-pill" onClick={toEnd}>
          {waiting ? trans.__('Waits for a decision ↓') : trans.__('New ↓')}
        </button>
      )}
      <Announcer threadId={threadId} rows={rows} />
    </div>
  );
}
