import * as React from 'react';

import type { Call, Participant, You } from '../../protocol';
import { AnswerText } from './answer-text';
import { CallCard } from '../calls/call';
import { ConfirmationCard } from '../confirmation/confirmation';
import type { ConversationActions } from './conversation';
import { DecidedLine, DecisionChip, DecisionDetails, LateNote } from '../confirmation/decided';
import { words } from '../confirmation/decided-words';
import { GroupBar } from '../confirmation/group';
import { InDoubtCard } from '../confirmation/in-doubt';
import { barredFrom, lookOf, reviewersOf } from '../../view-model/people';
import { PostedMessage, Speaker } from './message';
import { Plan } from './plan';
import { DelayNotice, EndedNotice, Working } from './notices';
import { isSending, refusalOf, type Unsent } from '../../view-model/outgoing';
import { useServices, useTrans } from '../shared/services';
import { type Block, type Closed, sameBlock } from '../../view-model/conversation/run-blocks';
import { mayRetry, offersTo } from '../../view-model/permissions/rules';
import { Trace } from './trace';
import { UndoButton } from '../calls/undo';

/** What changes beside the conversation: who is here, and what of this person is on its way. Only open cards look. */
export interface News {
  participants: readonly Participant[];
  unsent: readonly Unsent[];
}

export const NewsContext = React.createContext<News>({ participants: [], unsent: [] });

function useNews(): News {
  return React.useContext(NewsContext);
}

export interface BlockViewProps {
  block: Block;
  you: You | null;
  actions: ConversationActions;
}

type BlockOf<T extends Block['type']> = Omit<BlockViewProps, 'block'> & {
  block: Extract<Block, { type: T }>;
};

/** One part of a run; it is drawn again only when what it shows is another. */
export const BlockView = React.memo(
  DrawnBlock,
  (a, b) => sameBlock(a.block, b.block) && a.you === b.you && a.actions === b.actions
);

function DrawnBlock(props: BlockViewProps): JSX.Element {
  const { block, you, actions } = props;
  switch (block.type) {
    case 'trace':
      return <Trace steps={block.steps} />;
    case 'text':
      return <AnswerText answer={block.answer} />;
    case 'told':
      return <ToldBlock {...props} block={block} />;
    case 'call':
      return block.decided === null ? (
        <CallCard call={block.call} />
      ) : (
        <DecidedCall call={block.call} decided={block.decided} />
      );
    case 'open':
      return <OpenBlock {...props} block={block} />;
    case 'group':
      return <GroupBlock {...props} block={block} />;
    case 'closed':
      return <ClosedBlock {...props} block={block} />;
    case 'doubt':
      return <DoubtBlock {...props} block={block} />;
    case 'plan':
      return <Plan entries={block.plan} />;
    case 'working':
      return <Working step={block.step} />;
    case 'delay':
      return (
        <DelayNotice
          run={block.run}
          canWrite={mayRetry(block.run, you)}
          onRetry={() => actions.onRetry(block.run.run_id)}
        />
      );
    case 'changes':
      return <ChangesUndo calls={block.calls} />;
    case 'ended':
      return (
        <EndedNotice
          run={block.run}
          canWrite={mayRetry(block.run, you)}
          onRetry={() => actions.onRetry(block.run.run_id)}
          onContinue={actions.onContinue}
        />
      );
  }
}

function DecidedCall({ call, decided }: { call: Call; decided: Closed }): JSX.Element {
  const trans = useTrans();
  const { confirmation_id } = decided;
  const { unsent } = useNews();
  const decision = {
    confirmationId: confirmation_id,
    chip: <DecisionChip confirmation={decided} />,
    said: words(decided, trans),
    details: <DecisionDetails confirmation={decided} call={null} />,
    note: <LateNote confirmation={decided} refusal={refusalOf(unsent, confirmation_id)} />
  };
  return <CallCard call={call} decision={decision} />;
}

const NO_SOURCES: readonly string[] = [];

/** What somebody said while the run was under way, where it was told. */
function ToldBlock({ block, you, actions }: BlockOf<'told'>): JSX.Element {
  const { message, agent } = block;
  const { participants } = useNews();
  return (
    <>
      <PostedMessage
        message={message}
        look={lookOf(participants, message.author)}
        queued={false}
        sources={NO_SOURCES}
        onEdit={you?.can.includes('write') ? actions.onEdit : undefined}
      />
      <Speaker actor={agent} name={agent.name} at={message.at} />
    </>
  );
}

function ClosedBlock({ block }: BlockOf<'closed'>): JSX.Element {
  const id = block.confirmation.confirmation_id;
  return (
    <DecidedLine
      confirmation={block.confirmation}
      call={block.call}
      refusal={refusalOf(useNews().unsent, id)}
    />
  );
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

function OpenBlock({ block, you, actions }: BlockOf<'open'>): JSX.Element {
  const trans = useTrans();
  const { participants, unsent } = useNews();
  const { now } = useServices();
  const { confirmation } = block;
  const id = confirmation.confirmation_id;
  return (
    <ConfirmationCard
      confirmation={confirmation}
      call={block.call}
      run={block.run}
      reviewers={reviewersOf(participants, id, you)}
      barred={barredFrom(confirmation, you, trans, block.run, now())}
      offers={offersTo(you, block.call, block.run?.agent_id ?? null, trans)}
      sending={isSending(unsent, id)}
      refusal={refusalOf(unsent, id)}
      onDecide={decision => actions.onDecide(id, decision)}
      onReview={reviewing => actions.onReview(reviewing ? id : null)}
    />
  );
}

function GroupBlock({ block, you, actions }: BlockOf<'group'>): JSX.Element {
  const trans = useTrans();
  const { unsent } = useNews();
  const { confirmations, calls } = block;
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

function DoubtBlock({ block, you, actions }: BlockOf<'doubt'>): JSX.Element {
  const trans = useTrans();
  const { unsent } = useNews();
  const id = block.confirmation?.confirmation_id ?? '';
  return (
    <InDoubtCard
      call={block.call}
      confirmation={block.confirmation}
      barred={block.confirmation && barredFrom(block.confirmation, you, trans)}
      sending={isSending(unsent, id)}
      refusal={refusalOf(unsent, id)}
      onDecide={decision => actions.onDecide(id, decision)}
    />
  );
}
