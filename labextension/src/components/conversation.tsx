import * as React from 'react';

import type { Actor, MessageContext, Participant, RoomState, You } from '../protocol';
import { Activity } from './activity';
import { Announcer } from './announcer';
import { Markdown } from './answer';
import type { AvatarProps } from './avatar';
import { Boundary } from './boundary';
import { CallCard } from './call';
import { ConfirmationCard } from './confirmation';
import { DecidedLine } from './decided';
import type { Decision, Refusal } from './decision';
import { InDoubtCard } from './in-doubt';
import { PostedMessage, Speaker, UnsentMessage } from './message';
import { DelayNotice, EndedNotice, Notice, Working } from './notices';
import type { Unsent } from './outgoing';
import { useServices, useTrans } from './services';
import { useSticky } from './sticky';
import { type Row, sameRow, timeline } from './timeline';

export interface ConversationActions {
  onDecide: (confirmationId: string, decision: Decision) => void;
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
    return onlyWaiting ? all.filter(row => row.type === 'open') : all;
    // The state is folded in place: its version says when to look again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state, version, threadId, onlyWaiting]);
  const sticky = useSticky(`${state.log} ${threadId}`);
  const messages = unsent.filter(
    u => u.command.type === 'post_message' && u.command.thread_id === threadId
  );
  const mine = messages.length;
  const { toEnd } = sticky;
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
        ref={sticky.scroller}
        role="log"
        aria-live="off"
        aria-label={trans.__('Conversation')}
        tabIndex={0}
      >
        <div className="jp-Copilot-rows" ref={sticky.content}>
          {rows.length + mine === 0 && props.empty}
          {rows.map(row => (
            <Boundary key={row.key}>
              <RowView
                row={row}
                you={you}
                participants={props.participants}
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
                participants={props.participants}
                onDiscard={props.actions.onDiscard}
              />
            ))}
        </div>
      </div>
      {sticky.hasNew && (
        <button type="button" className="jp-Copilot-pill" onClick={toEnd}>
          {waiting ? trans.__('Waits for a decision ↓') : trans.__('New ↓')}
        </button>
      )}
      <Announcer threadId={threadId} rows={rows} />
    </div>
  );
}

interface RowViewProps {
  row: Row;
  you: You | null;
  participants: readonly Participant[];
  unsent: Unsent[];
  actions: ConversationActions;
}

const RowView = React.memo(
  DrawnRow,
  (a, b) =>
    sameRow(a.row, b.row) &&
    a.you === b.you &&
    a.participants === b.participants &&
    a.unsent === b.unsent &&
    a.actions === b.actions
);

/** One row, drawn by its type. */
function DrawnRow(props: RowViewProps): JSX.Element {
  const { row, participants, you } = props;
  const trans = useTrans();
  const canWrite = you?.can.includes('write') ?? false;
  switch (row.type) {
    case 'earlier':
      return (
        <div className="jp-Copilot-aside">
          {trans._n(
            '%1 earlier entry is in the record',
            '%1 earlier entries are in the record',
            row.dropped
          )}
        </div>
      );
    case 'summary':
      return (
        <div className="jp-Copilot-aside">
          {trans.__('What is above was summed up for the copilot')}
        </div>
      );
    case 'posted':
      return (
        <PostedMessage
          message={row.message}
          look={lookOf(participants, row.message.author)}
          queued={row.queued !== null}
          onWithdraw={
            canWrite && row.queued ? withdraw(props.actions, row.queued.run_id) : undefined
          }
        />
      );
    case 'speaker':
      return (
        <Speaker
          actor={{ kind: 'agent', id: 'copilot', name: 'Copilot' }}
          name={trans.__('Copilot')}
          at={row.at}
        />
      );
    case 'activity':
      return <Activity steps={row.steps} folded={row.folded} />;
    case 'text':
      return <AnswerText row={row} />;
    case 'call':
      return <CallCard call={row.call} />;
    case 'open':
      return <OpenRow {...props} row={row} />;
    case 'closed':
      return (
        <DecidedLine
          confirmation={row.confirmation}
          call={row.call}
          refusal={refusalOf(props.unsent, row.confirmation.confirmation_id)}
        />
      );
    case 'doubt':
      return <DoubtRow {...props} row={row} />;
    case 'working':
      return <Working />;
    case 'delay':
      return <DelayNotice run={row.run} />;
    case 'ended':
      return (
        <EndedNotice
          run={row.run}
          canWrite={canWrite && row.latest}
          onRetry={() => props.actions.onRetry(row.run.run_id)}
          onContinue={props.actions.onContinue}
        />
      );
  }
}

function withdraw(actions: ConversationActions, runId: string): () => void {
  return () => actions.onWithdraw(runId);
}

function AnswerText({ row }: { row: Extract<Row, { type: 'text' }> }): JSX.Element {
  const { Icon, trans, copy } = useServices();
  const { answer } = row;
  if (answer.status === 'struck') {
    return (
      <div className="jp-Copilot-answer jp-mod-struck">
        <Markdown text={answer.text} />
        <Notice kind="waiting" label={trans.__('broken off')} mark={<Icon name="close" />}>
          {trans.__('This answer broke off: %1', answer.reason)}
        </Notice>
      </div>
    );
  }
  return (
    <div
      className="jp-Copilot-answer"
      aria-busy={answer.status === 'streaming'}
      data-message-id={answer.message_id}
    >
      <Markdown text={answer.text} streaming={answer.status === 'streaming'} />
      {answer.status === 'complete' &&
        answer.notes.map(note => (
          <Notice
            key={note.code}
            kind="waiting"
            label={trans.__('note')}
            mark={<span className="jp-Copilot-dot" />}
          >
            {note.message} <span className="jp-Copilot-muted">{note.hint}</span>
          </Notice>
        ))}
      {answer.status === 'complete' && (
        <button
          type="button"
          className="jp-Copilot-iconButton jp-Copilot-copy"
          title={trans.__('Copy this answer')}
          aria-label={trans.__('Copy this answer')}
          onClick={() => copy(answer.text)}
        >
          <Icon name="copy" />
        </button>
      )}
    </div>
  );
}

function OpenRow(
  props: Omit<RowViewProps, 'row'> & { row: Extract<Row, { type: 'open' }> }
): JSX.Element {
  const { row, you, participants, unsent, actions } = props;
  const trans = useTrans();
  const { confirmation } = row;
  const id = confirmation.confirmation_id;
  return (
    <ConfirmationCard
      confirmation={confirmation}
      call={row.call}
      run={row.run}
      reviewers={reviewersOf(participants, id, you)}
      barred={barredFrom(confirmation, you, trans)}
      sending={isSending(unsent, id)}
      refusal={refusalOf(unsent, id)}
      onDecide={decision => actions.onDecide(id, decision)}
      onReview={reviewing => actions.onReview(reviewing ? id : null)}
    />
  );
}

function DoubtRow(
  props: Omit<RowViewProps, 'row'> & { row: Extract<Row, { type: 'doubt' }> }
): JSX.Element {
  const { row, you, unsent, actions } = props;
  const trans = useTrans();
  const id = row.confirmation?.confirmation_id ?? '';
  return (
    <InDoubtCard
      call={row.call}
      confirmation={row.confirmation}
      barred={row.confirmation && barredFrom(row.confirmation, you, trans)}
      sending={isSending(unsent, id)}
      refusal={refusalOf(unsent, id)}
      onDecide={decision => actions.onDecide(id, decision)}
    />
  );
}

const NO_CONTEXT: MessageContext = {
  active_cell_id: null,
  cells: [],
  selection: null,
  files: [],
  variables: [],
  images: []
};

interface UnsentRowProps {
  unsent: Unsent;
  you: You;
  participants: readonly Participant[];
  onDiscard: (commandId: string) => void;
}

function UnsentRow({ unsent, you, participants, onDiscard }: UnsentRowProps): JSX.Element | null {
  const { command, refusal } = unsent;
  if (command.type !== 'post_message') {
    return null;
  }
  return (
    <UnsentMessage
      author={you}
      look={lookOf(participants, you)}
      text={command.text}
      context={{ ...NO_CONTEXT, ...command.context }}
      problem={refusal && `${refusal.message} ${refusal.hint}`.trim()}
      onDiscard={() => onDiscard(unsent.commandId)}
    />
  );
}

function lookOf(
  participants: readonly Participant[],
  actor: Pick<Actor, 'kind' | 'id'>
): Pick<AvatarProps, 'color' | 'initials'> {
  const found = participants.find(p => p.id === actor.id && p.kind === actor.kind);
  return { color: found?.color, initials: found?.initials };
}

function reviewersOf(
  participants: readonly Participant[],
  confirmationId: string,
  you: You | null
): string[] {
  const others = participants.filter(p => p.reviewing === confirmationId && p.id !== you?.id);
  return [...new Set(others.map(p => p.name))];
}

function barredFrom(
  confirmation: { policy: { right: string; not_opener: boolean }; opened_by: Actor },
  you: You | null,
  trans: ReturnType<typeof useTrans>
): string | null {
  if (you === null) {
    return trans.__('You can decide once you are connected.');
  }
  if (!you.can.some(right => right === confirmation.policy.right)) {
    return trans.__('You may watch; somebody else here has to decide this.');
  }
  if (confirmation.policy.not_opener && confirmation.opened_by.id === you.id) {
    return trans.__('Somebody else than you has to decide this.');
  }
  return null;
}

function isSending(unsent: Unsent[], confirmationId: string): boolean {
  return unsent.some(u => decides(u, confirmationId) && u.refusal === null);
}

function refusalOf(unsent: Unsent[], confirmationId: string): Refusal | null {
  const found = unsent.filter(u => decides(u, confirmationId) && u.refusal !== null);
  return found[found.length - 1]?.refusal ?? null;
}

function decides(unsent: Unsent, confirmationId: string): boolean {
  return unsent.command.type === 'decide' && unsent.command.confirmation_id === confirmationId;
}
