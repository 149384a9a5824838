import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type { Connection } from '../client/client';
import { byItself } from '../core/permissions/by-itself';
import { postMessage } from '../core/post-message';
import { acquainted, NOBODY } from '../view-model/acquaintance';
import { attach, type Attachment, contextOf } from '../view-model/attachments';
import { type Draft, EMPTY_DRAFT } from '../view-model/draft';
import type { ShownConnection } from '../view-model/connection';
import type { CopilotView } from '../view-model/copilot-view';
import type { Decision, Refusal } from '../view-model/decision';
import { decidesOn, type Unsent } from '../view-model/outgoing';
import { peopleIn } from '../view-model/mentions';
import type { Row } from '../view-model/conversation/timeline';
import type { Drafts } from './drafts';
import { ClientClosedError, RejectedError } from '../protocol/errors';
import type { CopilotModel } from './copilot-model';
import type { ModelList } from './model-list';
import type { Preferences } from './preferences';
import { ReviewDrafts, takenOf } from './review-drafts';
import { decisionOf } from '../view-model/review/partial';
import {
  APPROVE,
  type Confirmation,
  type Command,
  type Decide,
  MAIN_THREAD,
  type MessageContext
} from '../protocol';

export interface RoomViewOptions {
  model: CopilotModel;
  models: ModelList;
  drafts: Drafts;
  preferences: Preferences;
}

const HISTORY = 50;
const NO_ROWS: readonly Row[] = [];

/** What a page shows of one room beyond the room's own state: thread, draft, and what became of this person's commands. */
export class RoomView implements IDisposable {
  readonly model: CopilotModel;
  /** What this person means to take of proposals that wait. */
  readonly review = new ReviewDrafts();

  constructor(private readonly options: RoomViewOptions) {
    this.model = options.model;
    const { model, models } = options;
    const changed = () => this.touch();
    model.stateChanged.connect(this.follow, this);
    model.participantsChanged.connect(this.meet, this);
    model.pathChanged.connect(changed, this);
    model.pendingChanged.connect(this.listUnsent, this);
    model.connectionChanged.connect(this.onConnection, this);
    model.problem.connect((_, problem) => this.tell(`${problem.message} ${problem.hint}`), this);
    model.refused.connect((_, { command, error }) => this.refuse(command, error), this);
    models.changed.connect(changed, this);
    options.preferences.changed.connect(changed, this);
    this.meet();
  }

  /** Something that the panel shows is another now. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** This person's commands that are on their way, or were refused. */
  get unsent(): Unsent[] {
    return this._unsent;
  }

  /** The other people who are here or were: those seen since the page opened, and whoever wrote. */
  get people(): { id: string; name: string }[] {
    const { state, you } = this.model;
    const authors = Object.values(state?.messages ?? {}).flatMap(message =>
      message.status === 'posted' ? message.author : []
    );
    const others = [...this.known.everybody, ...authors].filter(
      each => each.kind === 'person' && each.id !== you?.id
    );
    return [...new Map(others.map(({ id, name }) => [id, { id, name }])).values()];
  }

  get threadId(): string {
    return this._threadId;
  }

  set threadId(threadId: string) {
    if (threadId !== this._threadId) {
      this._threadId = threadId;
      this.model.setPresence({ thread_id: threadId });
      this.touch();
    }
  }

  get draft(): Draft {
    return this.options.drafts.get(this.model.path, this._threadId);
  }

  set draft(draft: Draft) {
    this.options.drafts.set(this.model.path, this._threadId, draft);
    this.touch();
  }

  /** The model chosen here; null means the server's default. */
  get chosenModel(): string | null {
    return this._chosenModel;
  }

  set chosenModel(name: string | null) {
    this._chosenModel = name;
    this.touch();
  }

  /** The agent chosen here; null means the server's default. */
  get chosenAgent(): string | null {
    return this._chosenAgent;
  }

  set chosenAgent(agentId: string | null) {
    this._chosenAgent = agentId;
    this.touch();
  }

  /** The SVG of an agent's icon; empty for the copilot's own, and where the agent is not known. */
  agentIcon(agentId: string): string {
    return this.options.models.agents.find(agent => agent.agent_id === agentId)?.icon ?? '';
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /** What the components draw. */
  view(examples: string[]): CopilotView {
    const { model, options } = this;
    const { path } = model;
    return {
      notebook: path.slice(path.lastIndexOf('/') + 1),
      path,
      connection: this.connection(),
      you: model.you,
      participants: model.participants,
      known: this.known,
      state: model.state,
      version: this.stateVersion,
      threadId: this._threadId,
      unsent: this._unsent,
      models: options.models.models,
      agents: options.models.agents,
      chosenAgent: this._chosenAgent,
      chosenModel: this._chosenModel,
      draft: this.draft,
      history: this.history,
      earlier: this.earlier?.threadId === this._threadId ? this.earlier.rows : NO_ROWS,
      examples,
      sendWith: options.preferences.values.sendWith,
      notice: this.notice
    };
  }

  // What a person does

  /** Let something go with the next message. */
  attach(added: Attachment): void {
    const { text, attachments } = this.draft;
    this.draft = { text, attachments: attach(attachments, added) };
  }

  /** Send what is written, and begin an empty draft; see `post`. */
  send(draft: Draft, activeCellId: string | null, join = true): void {
    const context = contextOf(draft.attachments, activeCellId);
    this.draft = EMPTY_DRAFT;
    this.post(draft.text, context, join);
  }

  /**
   * Say something in the thread that is shown; returns the message's id. While an answer is given there, that takes it in
   * with its next step; without `join`, it is answered afterwards.
   */
  post(text: string, context: Partial<MessageContext>, join = true): string {
    const mentions = peopleIn(text, this.people);
    const chosen = { model: this._chosenModel, agentId: this._chosenAgent, mentions };
    const isActive = Boolean(this.model.state?.threads[this._threadId]?.active_run_id);
    const saying = { threadId: this._threadId, context, join: join && isActive, ...chosen };
    const id = this.model.newId();
    this.act(postMessage(id, text, saying));
    return id;
  }

  decide(confirmationId: string, decision: Decision): void {
    const shown = this.model.state?.confirmations[confirmationId];
    if (shown === undefined) {
      return;
    }
    this.refused = this.refused.filter(u => !isAbout(u, confirmationId));
    this.act(this.command(shown, this.asMeant(shown, decision)));
  }

  /** Whoever approves takes what they meant to take, by the marks and edits that they made in the cells. */
  private asMeant(shown: Confirmation, decision: Decision): Decision {
    const call = shown.call_id === null ? undefined : this.model.state?.calls[shown.call_id];
    if (decision.option !== APPROVE || decision.edited_args || call === undefined) {
      return decision;
    }
    const taken = call.preview.cells.map((_, index) => takenOf(this.review.of(call, index)));
    return {
      ...decision,
      ...decisionOf(call, new Map(taken.entries())),
      comment: decision.comment
    };
  }

  private command(shown: Confirmation, decision: Decision): Decide {
    const { confirmation_id, args_hash } = shown;
    const grant = decision.grant && { ...decision.grant, rule_id: this.model.newId() };
    return { type: 'decide', confirmation_id, args_hash, ...decision, grant };
  }

  /** Decide several confirmations alike, as they are shown: all that are open, or none. */
  decideAll(confirmationIds: readonly string[], option: string): void {
    const shown = confirmationIds.flatMap(id => this.model.state?.confirmations[id] ?? []);
    const decisions = shown.map(each => {
      const { confirmation_id, args_hash } = each;
      const { edited_args, ...meant } = this.asMeant(each, { option, comment: '' });
      const decide = { type: 'decide', confirmation_id, args_hash, option: meant.option } as const;
      return edited_args ? { ...decide, edited_args } : decide;
    });
    this.refused = this.refused.filter(u => !shown.some(s => isAbout(u, s.confirmation_id)));
    this.act({ type: 'decide_all', decisions });
  }

  /** Decide several at once, each in its way: all that are open, or none; but what is approved by itself for itself. */
  decideEach(decisions: ReadonlyMap<string, Decision>): void {
    const { state } = this.model;
    const given = [...decisions].flatMap(([id, decision]): Decide[] => {
      const shown = state?.confirmations[id];
      return shown === undefined ? [] : [this.command(shown, decision)];
    });
    this.refused = this.refused.filter(u => !given.some(each => isAbout(u, each.confirmation_id)));
    const isAlone = (each: Decide) => state !== null && byItself(state, each) !== null;
    given.filter(isAlone).forEach(each => this.act(each));
    const together = given.filter(each => !isAlone(each));
    if (together.length > 0) {
      this.act(together.length === 1 ? together[0]! : { type: 'decide_all', decisions: together });
    }
  }

  /** Start a thread and show it. */
  newThread(title: string): void {
    const thread_id = this.model.newId();
    const command: Command = { type: 'create_thread', thread_id, title };
    this.submit(command).then(
      () => (this.threadId = thread_id),
      (error: unknown) => this.refuse(command, error)
    );
  }

  archive(threadId: string): void {
    this.act({ type: 'archive_thread', thread_id: threadId });
    this.threadId = MAIN_THREAD;
  }

  /** Send a command; when it is refused, the panel says so. */
  act(command: Command): void {
    this.submit(command).catch((error: unknown) => this.refuse(command, error));
  }

  /** Fetch the chat that is shown from its beginning, for those who read on upwards. */
  async showEarlier(): Promise<void> {
    const threadId = this._threadId;
    try {
      const { wholeHistory } = await import('../view-model/conversation/earlier'); // rarely needed
      const rows = await wholeHistory(after => this.model.records(after), threadId);
      this.earlier = { threadId, rows };
    } catch (error) {
      this.tell(error instanceof Error ? error.message : String(error));
    }
    this.touch();
  }

  discard(commandId: string): void {
    this.refused = this.refused.filter(u => u.commandId !== commandId);
    this.listUnsent();
  }

  dismissNotice(): void {
    this.notice = null;
    this.touch();
  }

  // What became of it

  private submit(command: Command): Promise<number> {
    this.notice = null;
    return this.model.submit(command);
  }

  /** Show a refusal where it belongs: at the message or the confirmation, else in the bar. */
  private refuse(command: Command, error: unknown): void {
    if (error instanceof ClientClosedError) {
      return; // The next client sends it.
    }
    const refusal = refusalOf(error);
    if (['post_message', 'decide', 'decide_all'].includes(command.type)) {
      const commandId = `refused ${++this.refusals}`;
      this.refused = [...this.refused, { commandId, command, refusal }];
      this.listUnsent();
    } else {
      this.tell(`${refusal.message} ${refusal.hint}`);
    }
  }

  private tell(notice: string): void {
    this.notice = notice.trim();
    this.touch();
  }

  private listUnsent(): void {
    const waiting = this.model.pending.map(p => ({ ...p, refusal: null }));
    this._unsent = [...waiting, ...this.refused];
    this.touch();
  }

  private onConnection(): void {
    if (this.model.connection.status === 'live') {
      this.notice = null;
      this.options.models.refresh().catch(() => undefined); // the next connection asks again
    }
    this.touch();
  }

  private meet(): void {
    this.known = acquainted(this.known, this.model.participants);
    this.touch();
  }

  private connection(): ShownConnection {
    return shownConnection(this.model.connection, navigator.onLine, this.model.now() - Date.now());
  }

  private follow(): void {
    this.stateVersion += 1;
    this.touch();
  }

  /** This person's own messages here, newest first; looked up only when they are asked for. */
  private readonly history = (): string[] => {
    const { state, you } = this.model;
    if (state === null || you === null) {
      return [];
    }
    const texts = Object.values(state.messages)
      .filter(m => m.status === 'posted' && m.author.id === you.id)
      .map(m => m.text);
    return [...new Set(texts.reverse())].slice(0, HISTORY);
  };

  private touch(): void {
    this._changed.emit();
  }

  private stateVersion = 0;
  private earlier: { threadId: string; rows: readonly Row[] } | null = null;
  private known = NOBODY;
  private _unsent: Unsent[] = [];
  private refused: Unsent[] = [];
  private refusals = 0;
  private notice: string | null = null;
  private _threadId: string = MAIN_THREAD;
  private _chosenModel: string | null = null;
  private _chosenAgent: string | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

function isAbout(unsent: Unsent, confirmationId: string): boolean {
  return decidesOn(unsent.command, confirmationId);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof RejectedError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    hint: ''
  };
}

/** The connection as the panel words it; `offset` leads from this machine's clock to the server's. */
export function shownConnection(
  connection: Connection,
  isOnline: boolean,
  offset: number
): ShownConnection {
  switch (connection.status) {
    case 'connecting':
      if (isOnline && connection.attempt > 1) {
        return { type: 'waiting', retryAt: 0 }; // the attempts in between would only flicker
      }
      return isOnline ? { type: 'connecting' } : { type: 'offline' };
    case 'syncing':
      return isOnline ? { type: 'connecting' } : { type: 'offline' };
    case 'live':
      return { type: 'live' };
    case 'waiting':
      return isOnline
        ? { type: 'waiting', retryAt: connection.retryAt + offset }
        : { type: 'offline' };
    case 'stopped':
      return connection.retry === 'reauth'
        ? { type: 'signed_out' }
        : { type: 'closed', reason: connection.reason };
  }
}
