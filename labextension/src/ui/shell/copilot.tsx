import * as React from 'react';

import { tightestMode } from '../../core/permissions/judge';
import type { Mode, RoomState } from '../../protocol';
import type { CopilotView } from '../../view-model/copilot-view';
import { Button } from '../shared/button';
import { AgentPicker } from './agent-picker';
import { Composer, type ComposerProps } from '../composer/composer';
import type { Draft } from '../../view-model/draft';
import { ConnectionBar } from './connection';
import { Conversation, type ConversationActions } from '../conversation/conversation';
import { FirstUse, NoModel } from './empty';
import type { ModelChoice } from '../../view-model/copilot-view';
import { Header } from './header';
import { type ModeLasts, ModePicker } from './mode-picker';
import { ModelPicker } from './model-picker';
import { useServices, useTrans } from '../shared/services';
import { RulesStrip } from './rules-strip';
import { type ThreadActions, ThreadPicker } from './thread-picker';
import { UsageCount } from './usage';

/** All that a person can do in the panel. */
export interface CopilotActions extends ThreadActions, ConversationActions {
  onReconnect: () => void;
  onSignIn: () => void;
  onDraft: (draft: Draft) => void;
  onSend: (draft: Draft) => void;
  /** Asks after the answer that is being given, instead of telling it to the agent now. */
  onQueue: (draft: Draft) => void;
  /** Asks this at once, whatever is being written. */
  onAsk: (text: string) => void;
  onStop: (runId: string) => void;
  onTyping: (typing: boolean) => void;
  onMode: (mode: Mode, lasts?: ModeLasts) => void;
  onModel: (model: string) => void;
  onAgent: (agentId: string) => void;
  onConnectModel: () => void;
  /** Takes the notice away. */
  onDismiss: () => void;
  suggest: ComposerProps['suggest'];
  onAttach?: () => void;
  onDropped?: ComposerProps['onDropped'];
}

export interface CopilotProps {
  view: CopilotView;
  actions: CopilotActions;
  field?: React.RefObject<HTMLTextAreaElement>;
  /** Whether only what waits for a decision is shown, without head and composer. */
  compact?: boolean;
  /** Whether people can write here; by default they can. */
  composer?: boolean;
  /** Stands below the head. */
  children?: React.ReactNode;
}

/** The panel of one room: head, conversation, composer. */
export function Copilot(props: CopilotProps): JSX.Element {
  const { view, actions, field, compact = false, composer = true } = props;
  const { state, threadId, you } = view;
  const trans = useTrans();
  const thread = state?.threads[threadId];
  const canWrite = you?.can.includes('write') ?? false;
  const runId = thread?.active_run_id ?? null;
  const { models, examples } = view;
  const demo = chosen(view)?.demo ?? false;
  const empty = React.useMemo(
    () =>
      compact ? (
        <div className="jp-Copilot-aside">{trans.__('Nothing waits for a decision.')}</div>
      ) : (
        <Empty noModel={models?.length === 0} examples={examples} demo={demo} actions={actions} />
      ),
    [compact, trans, models, examples, demo, actions]
  );
  return (
    <section className="jp-Copilot" aria-label={trans.__('Copilot')}>
      <ConnectionBar
        connection={view.connection}
        onReconnect={actions.onReconnect}
        onSignIn={actions.onSignIn}
      />
      {!compact && (
        <Header
          notebook={view.notebook}
          path={view.path}
          connection={view.connection}
          participants={view.participants}
          latest={view.known.latest}
        >
          {state && (
            <ThreadPicker
              threads={Object.values(state.threads)}
              current={threadId}
              waiting={waitingThreads(state)}
              canWrite={canWrite}
              onPick={actions.onPick}
              onCreate={actions.onCreate}
              onRename={actions.onRename}
              onArchive={actions.onArchive}
              onConnectAgent={actions.onConnectAgent}
              onToolServers={actions.onToolServers}
            />
          )}
        </Header>
      )}
      {props.children}
      {view.notice && <Notice text={view.notice} onDismiss={actions.onDismiss} />}
      {state ? (
        <Conversation
          actions={actions}
          state={state}
          version={view.version}
          threadId={threadId}
          you={you}
          participants={view.participants}
          everybody={view.known.everybody}
          unsent={view.unsent}
          earlier={view.earlier}
          onlyWaiting={compact}
          empty={empty}
        />
      ) : (
        <div className="jp-Copilot-conversation" aria-busy="true" />
      )}
      {!compact && (
        <RulesStrip state={state} threadId={threadId} you={you} onCommand={actions.onCommand} />
      )}
      {composer && !compact && (
        <Composer
          key={threadId}
          field={field}
          draft={view.draft}
          onDraft={actions.onDraft}
          onSend={actions.onSend}
          onQueue={runId && canWrite ? actions.onQueue : undefined}
          onStop={runId && canWrite ? () => actions.onStop(runId) : undefined}
          onTyping={actions.onTyping}
          suggest={actions.suggest}
          history={view.history}
          typing={typingHere(view)}
          sendWith={view.sendWith}
          barred={barred(view, trans)}
          onAttach={actions.onAttach}
          onDropped={actions.onDropped}
        >
          <Choices view={view} actions={actions} />
          <span className="jp-Copilot-grow" />
          {state && <UsageCount usage={state.usage} />}
        </Composer>
      )}
    </section>
  );
}

/** Who answers, how much it may do by itself, and with which model. */
function Choices({ view, actions }: Pick<CopilotProps, 'view' | 'actions'>): JSX.Element {
  const { state, threadId } = view;
  const agent = view.agents.find(a => a.agent_id === view.chosenAgent) ?? view.agents[0];
  const can = (ability: string) => agent?.abilities.includes(ability) ?? true;
  return (
    <>
      <AgentPicker agents={view.agents} current={agent} onPick={actions.onAgent} />
      {can('modes') && (
        <ModePicker
          mode={tightestMode(state?.threads[threadId]?.mode ?? 'ask')}
          state={state}
          threadId={threadId}
          you={view.you}
          onPick={actions.onMode}
        />
      )}
      {can('models') && (
        <ModelPicker
          models={view.models ?? []}
          current={view.chosenModel}
          onPick={actions.onModel}
          onSetUp={actions.onConnectModel}
        />
      )}
    </>
  );
}

function Notice({ text, onDismiss }: { text: string; onDismiss: () => void }): JSX.Element {
  const { Icon, trans } = useServices();
  return (
    <div className="jp-Copilot-bar jp-Copilot-row" role="status">
      <span className="jp-Copilot-grow">{text}</span>
      <Button className="jp-Copilot-iconButton" label={trans.__('Dismiss')} onClick={onDismiss}>
        <Icon name="close" />
      </Button>
    </div>
  );
}

interface EmptyProps {
  noModel: boolean;
  examples: string[];
  demo: boolean;
  actions: CopilotActions;
}

function Empty({ noModel, examples, demo, actions }: EmptyProps): JSX.Element {
  if (noModel) {
    return <NoModel onConnect={actions.onConnectModel} />;
  }
  return (
    <FirstUse
      examples={examples}
      demo={demo}
      onExample={text => actions.onAsk(text.replace(/`/g, ''))}
      onConnect={actions.onConnectModel}
    />
  );
}

function barred(view: CopilotView, trans: ReturnType<typeof useTrans>): string | null {
  if (view.you && !view.you.can.includes('write')) {
    return trans.__('You can watch here, but not write.');
  }
  if (view.state?.threads[view.threadId]?.archived) {
    return trans.__('This chat is archived. Start a new one.');
  }
  return null;
}

function chosen({ models, chosenModel }: CopilotView): ModelChoice | undefined {
  return models?.find(m => m.name === chosenModel) ?? models?.[0];
}

/** Names of the others who are typing in this thread. */
function typingHere({ participants, threadId, you }: CopilotView): string[] {
  const others = participants.filter(
    p => p.typing && p.id !== you?.id && (p.thread_id ?? threadId) === threadId
  );
  return [...new Set(others.map(p => p.name))];
}

function waitingThreads(state: RoomState): Set<string> {
  return new Set(
    Object.values(state.confirmations)
      .filter(c => c.status === 'open')
      .map(c => c.thread_id)
  );
}
