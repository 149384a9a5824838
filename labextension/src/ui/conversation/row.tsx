import * as React from 'react';

import type { Call, Participant, Run, You } from '../../protocol';
import { Activity } from './activity';
import { AnswerText } from './answer-text';
import { CallCard } from '../calls/call';
import { ConfirmationCard } from '../confirmation/confirmation';
import type { ConversationActions } from './conversation';
import { DecidedLine } from '../confirmation/decided';
import { GroupBar } from '../confirmation/group';
import { InDoubtCard } from '../confirmation/in-doubt';
import { barredFrom, lookOf, reviewersOf } from '../../view-model/people';
import { PostedMessage, Speaker } from './message';
import { Plan } from './plan';
import { DelayNotice, EndedNotice, Working } from './notices';
import { isSending, refusalOf, type Unsent } from '../../view-model/outgoing';
import { useServices, useTrans } from '../shared/services';
import { type Row, sameRow } from '../../view-model/timeline';
import { may, offersTo } from '../../view-model/permissions/rules';
import { UndoButton } from '../calls/undo';

export interface RowViewProps {
  row: Row;
  you: You | null;
  participants: readonly Participant[];
  everybody: readonly Participant[];
  unsent: Unsent[];
  actions: ConversationActions;
}

/** One row; it is drawn again only when what it shows is another. */
export const RowView = React.memo(
  DrawnRow,
  (a, b) =>
    sameRow(a.row, b.row) &&
    a.you === b.you &&
    a.participants === b.participants &&
    a.everybody === b.everybody &&
    a.unsent === b.unsent &&
    a.actions === b.actions
);

/** One row, drawn by its type. */
function DrawnRow(props: RowViewProps): JSX.Element {
  const { row, everybody, you } = props;
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
          onWithdraw={
            canWrite && row.queued ? withdraw(props.actions, row.queued.run_id) : undefined
          }
        />
      );
    case 'speaker':
      return <Speaker actor={row.agent} name={row.agent.name} at={row.at} />;
    case 'activity':
      return <Activity steps={row.steps} folded={row.folded} />;
    case 'text':
      return <AnswerText answer={row.answer} />;
    case 'call':
      return <CallCard call={row.call} />;
    case 'open':
      return <OpenRow {...props} row={row} />;
    case 'group':
      return <GroupRow {...props} row={row} />;
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
    case 'plan':
      return <Plan entries={row.plan} />;
    case 'working':
      return <Working />;
    case 'delay':
      return (
        <DelayNotice
          run={row.run}
          canWrite={mayRetry(row.run, you)}
          onRetry={() => props.actions.onRetry(row.run.run_id)}
        />
      );
    case 'changes':
      return <ChangesUndo calls={row.calls} />;
    case 'ended':
      return (
        <EndedNotice
          run={row.run}
          canWrite={mayRetry(row.run, you) && row.latest}
          onRetry={() => props.actions.onRetry(row.run.run_id)}
          onContinue={props.actions.onContinue}
        />
      );
  }
}

/** Trying again widens what happens, which takes more than to write. */
function mayRetry({ run_id }: Run, you: You | null): boolean {
  return may({ calls: {}, confirmations: {} }, { type: 'retry_run', run_id }, you);
}

/** Takes back all that a run changed. */
function ChangesUndo({ calls }: { calls: readonly Call[] }): JSX.Element {
  const trans = useTrans();
  const label = trans._n('Undo %1 change', 'Undo all %1 changes', calls.length);
  return (
    <UndoButton calls={calls} label={label}>
      {label}
    </UndoButton>
  );
}

function withdraw(actions: ConversationActions, runId: string): () => void {
  return () => actions.onWithdraw(runId);
}

function OpenRow(
  props: Omit<RowViewProps, 'row'> & { row: Extract<Row, { type: 'open' }> }
): JSX.Element {
  const { row, you, participants, unsent, actions } = props;
  const trans = useTrans();
  const { now } = useServices();
  const { confirmation } = row;
  const id = confirmation.confirmation_id;
  return (
    <ConfirmationCard
      confirmation={confirmation}
      call={row.call}
      run={row.run}
      reviewers={reviewersOf(participants, id, you)}
      barred={barredFrom(confirmation, you, trans, row.run, now())}
      offers={offersTo(you, row.call, row.run?.agent_id ?? null, trans)}
      sending={isSending(unsent, id)}
      refusal={refusalOf(unsent, id)}
      onDecide={decision => actions.onDecide(id, decision)}
      onReview={reviewing => actions.onReview(reviewing ? id : null)}
    />
  );
}

function GroupRow(
  props: Omit<RowViewProps, 'row'> & { row: Extract<Row, { type: 'group' }> }
): JSX.Element {
  const { row, you, unsent, actions } = props;
  const trans = useTrans();
  const { confirmations, calls } = row;
  const bars = confirmations.map(each => barredFrom(each, you, trans));
  const ids = confirmations.map(each => each.confirmation_id);
  return (
    <GroupBar
      confirmations={confirmations}
      calls={calls}
      barred={bars.find(each => each !== null) ?? null}
      sending={ids.some(id => isSending(unsent, id))}
      onDecideAll={(option, given) => actions.onDecideAll(given, option)}
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
