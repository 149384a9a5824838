import * as React from 'react';

import type { Command, Participant, RoomState, You } from '../../protocol';
import { Button } from '../shared/button';
import { Announcer } from './announcer';
import { Earlier } from './earlier';
import { Boundary } from '../shared/boundary';
import type { Decision } from '../../view-model/decision';
import type { Unsent } from '../../view-model/outgoing';
import { NewsContext } from './block';
import type { RewindWhat } from './rewind';
import { RowView } from './row';
import { useTrans } from '../shared/services';
import { useStickToBottom } from './stick-to-bottom';
import { blocksOf, NOTHING, type Row, timeline } from '../../view-model/conversation/timeline';
import { UnsentRow } from './unsent-row';

export interface ConversationActions {
  onDecide: (confirmationId: string, decision: Decision) => void;
  onDecideAll: (confirmationIds: readonly string[], option: string) => void;
  onReview: (confirmationId: string | null) => void;
  onWithdraw: (runId: string) => void;
  onRetry: (runId: string) => void;
  onContinue: () => void;
  /** Fetches what left the state; resolves once it is there. */
  onEarlier: () => Promise<void>;
  /** Puts a message into the composer, to be sent again in other words. */
  onEdit: (text: string) => void;
  onDiscard: (commandId: string) => void;
  /** Goes back to before a message: the notebook, once people agree; the chat; or both. */
  onRewind: (messageId: string, what: RewindWhat) => void;
  onCommand: (command: Command) => void;
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
  /** The chat from its beginning, once it was asked for. */
  earlier: readonly Row[];
  /** Shown instead of an empty conversation. */
  empty: React.ReactNode;
  /** Whether only what waits for a decision is shown. */
  onlyWaiting?: boolean;
}

/** The conversation of one thread; what is typed below it, and who comes and goes, draws none of its rows again. */
export const Conversation = React.memo(DrawnConversation);

function DrawnConversation(props: ConversationProps): JSX.Element {
  const { state, version, threadId, unsent, you, onlyWaiting = false } = props;
  const trans = useTrans();
  const before = React.useRef(NOTHING);
  const rows = React.useMemo(() => {
    before.current = timeline(state, threadId, before.current);
    return onlyWaiting ? before.current.rows.flatMap(waitingOf) : before.current.rows;
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
  const waiting = rows.some(row => blocksOf(row).some(block => block.type === 'open'));
  const { participants } = props;
  const news = React.useMemo(() => ({ participants, unsent }), [participants, unsent]);
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
          {rows[0]?.type === 'earlier' && (
            <Earlier
              key={threadId}
              dropped={rows[0].dropped}
              history={props.earlier}
              shown={rows}
              scroller={stick.scroller}
              onFetch={props.actions.onEarlier}
              draw={row => (
                <RowView row={row} you={you} everybody={props.everybody} actions={props.actions} />
              )}
            />
          )}
          <NewsContext.Provider value={news}>
            {rows.map(
              row =>
                row.type !== 'earlier' && (
                  <Boundary key={row.key}>
                    <RowView
                      row={row}
                      you={you}
                      everybody={props.everybody}
                      actions={props.actions}
                    />
                  </Boundary>
                )
            )}
          </NewsContext.Provider>
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
        <Button className="jp-Copilot-pill" onClick={toEnd}>
          {waiting ? trans.__('Waits for a decision ↓') : trans.__('New ↓')}
        </Button>
      )}
      <Announcer threadId={threadId} rows={rows} />
    </div>
  );
}

/** A row without what does not wait for a decision; none when nothing of it does. */
function waitingOf(row: Row): Row[] {
  const blocks = blocksOf(row).filter(block => block.type === 'open' || block.type === 'group');
  return blocks.length === 0 ? [] : [row.type === 'run' ? { ...row, blocks } : row];
}
