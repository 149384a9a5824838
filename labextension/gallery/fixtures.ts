import type {
  Actor,
  Call,
  CellDiff,
  Complete,
  Confirmation,
  Decided,
  Item,
  Participant,
  Posted,
  RoomState,
  Rule,
  Run,
  Streaming,
  Struck,
  Thread,
  You
} from '../src/protocol';
import { NO_CONTEXT, NO_USAGE, PLAIN_POLICY } from '../src/core/state';
import { newThread } from '../src/core/state';
import { acquainted, NOBODY } from '../src/view-model/acquaintance';
import type { CopilotView } from '../src/view-model/copilot-view';

/** Fixed, so that two pictures of one state are the same. */
export const NOW = new Date(2026, 10, 22, 14, 2, 30).getTime();
export const at = (minutes: number, seconds = 0): number => NOW + (minutes * 60 + seconds) * 1000;

export const ALICE: Actor = {
  kind: 'person',
  id: 'alice',
  name: 'Alice',
  surface: 'lab',
  auth: 'browser'
};
export const BOB: Actor = {
  kind: 'person',
  id: 'bob',
  name: 'Bob',
  surface: 'lab',
  auth: 'browser'
};
export const KERNEL: Actor = {
  kind: 'kernel',
  id: 'kernel',
  name: 'Kernel of penguins.ipynb',
  surface: 'kernel',
  auth: 'kernel'
};
export const COPILOT: Actor = { kind: 'agent', id: 'copilot', name: 'Copilot' };

export const YOU: You = {
  id: 'alice',
  name: 'Alice',
  kind: 'person',
  can: ['read', 'write', 'execute', 'decide'],
  color: '#7b5ea7',
  initials: 'AL',
  groups: []
};

export function participant(actor: Actor, more: Partial<Participant> = {}): Participant {
  return {
    client_id: `${actor.id}.tab`,
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    surface: 'lab',
    color: actor.id === 'alice' ? '#7b5ea7' : actor.id === 'bob' ? '#00796b' : null,
    initials: null,
    thread_id: 'main',
    typing: false,
    reviewing: null,
    document: 'open',
    focused: true,
    ...more
  };
}

/** What somebody chose of a confirmation's options, as far as it differs from an open one. */
export function chosen(
  by: Actor,
  option: string,
  when: number,
  more: Partial<Decided> = {}
): Partial<Decided> {
  const nothing = { value: null, edited_args: null, comment: '' };
  return { status: 'decided', by, at: when, option, ...nothing, ...more };
}

/** Builds a state entry by entry, as a run would. */
export class Scene {
  private readonly items: Item[] = [];
  private readonly messages: Record<string, Posted | Streaming | Complete | Struck> = {};
  private readonly runs: Record<string, Run> = {};
  private readonly calls: Record<string, Call> = {};
  private readonly confirmations: Record<string, Confirmation> = {};
  private readonly rules: Record<string, Rule> = {};
  private run = '';
  private count = 0;

  constructor(
    private readonly title = 'Flipper analysis',
    private readonly mode: Thread['mode'] = 'ask'
  ) {}

  say(
    author: Actor,
    when: number,
    text: string,
    run: Partial<Run> | null = {},
    context = {}
  ): this {
    const id = `m${++this.count}`;
    this.run = `${id}.r1`;
    this.messages[id] = {
      status: 'posted',
      message_id: id,
      thread_id: 'main',
      author,
      at: when,
      text,
      context: { ...NO_CONTEXT, ...context },
      run_ids: run === null ? [] : [this.run],
      mentions: []
    };
    this.items.push({ type: 'message', id });
    if (run !== null) {
      this.runs[this.run] = {
        status: 'running',
        run_id: this.run,
        thread_id: 'main',
        message_id: id,
        asked_by: author,
        queued_at: when,
        model: 'gpt-5-mini',
        started_at: when,
        fence: 1,
        starts: 1,
        step: 1,
        attempt: 1,
        usage: NO_USAGE,
        delay: null,
        plan: [],
        joined: [],
        finished_at: when,
        outcome: 'success',
        error: null,
        ended_by: COPILOT,
        ...run
      } as Run;
    }
    return this;
  }

  answer(
    when: number,
    text: string,
    more: Partial<Complete> | Partial<Streaming> | Partial<Struck> = {}
  ): this {
    const id = `a${++this.count}`;
    this.messages[id] = {
      status: 'complete',
      message_id: id,
      thread_id: 'main',
      run_id: this.run,
      step: 1,
      attempt: 1,
      at: when,
      text,
      reasoning: '',
      finished_at: when + 4000,
      first_text_at: when + 2000,
      usage: NO_USAGE,
      finish_reason: 'stop',
      notes: [],
      extra: null,
      ...more
    } as Complete;
    this.items.push({ type: 'message', id });
    return this;
  }

  call(
    title: string,
    when: number,
    more: Record<string, unknown> = {},
    confirmation?: Partial<Confirmation>
  ): this {
    const id = `c${++this.count}`;
    const {
      cells = [],
      code = null,
      ...rest
    } = more as { cells?: CellDiff[]; code?: string | null };
    this.calls[id] = {
      status: 'finished',
      call_id: id,
      run_id: this.run,
      thread_id: 'main',
      message_id: 'a',
      step: 1,
      tool: 'edit_cell',
      args: {},
      effect: 'read',
      args_hash: 'h',
      preview: { title, cells, code, language: 'python' },
      proposed_at: when,
      raw_args: null,
      extra: null,
      confirmation_id: confirmation ? `${id}.q` : null,
      circumstances: {
        definition: '',
        server: '',
        tags: {},
        locks: {},
        dangers: [],
        fetches: false
      },
      allowed_by: null,
      started_at: when,
      finished_at: when + 800,
      exec_id: id,
      adapter: 'live_document',
      outputs: [],
      result: { text: 'ok', images: [], cells: [], broke_off: false, marked: false, told: {} },
      is_error: false,
      denied: false,
      was_in_doubt: false,
      undone: null,
      ...rest
    } as Call;
    this.items.push({ type: 'call', id });
    if (confirmation) {
      this.confirmations[`${id}.q`] = confirmationOf(`${id}.q`, title, when, {
        call_id: id,
        run_id: this.run,
        ...confirmation
      });
    }
    return this;
  }

  ask(title: string, when: number, more: Partial<Confirmation>): this {
    const id = `q${++this.count}`;
    this.confirmations[id] = confirmationOf(id, title, when, { kind: 'question', ...more });
    this.items.push({ type: 'confirmation', id });
    return this;
  }

  /** Says that the last run belongs to what follows, and the doubt about call `id` is open. */
  doubt(options: Confirmation['options']): this {
    const id = `c${this.count}`;
    this.confirmations[`${id}.again`] = confirmationOf(`${id}.again`, 'Run again', NOW, {
      call_id: id,
      run_id: this.run,
      options
    });
    this.items.push({ type: 'confirmation', id: `${id}.again` });
    return this;
  }

  state(tokens = 12_400): RoomState {
    const active = Object.values(this.runs).find(r => r.status === 'running');
    const thread: Thread = {
      ...newThread('main', this.title, at(-30), ALICE),
      mode: this.mode,
      items: this.items,
      active_run_id: active?.run_id ?? null,
      queue: Object.values(this.runs)
        .filter(r => r.status === 'queued')
        .map(r => r.run_id)
    };
    return {
      log: 'log',
      seq: 10,
      threads: {
        main: thread,
        other: {
          ...thread,
          thread_id: 'other',
          title: 'Cleaning',
          items: [],
          active_run_id: null,
          queue: []
        }
      },
      messages: this.messages,
      runs: this.runs,
      calls: this.calls,
      confirmations: this.confirmations,
      rules: this.rules,
      usage: { ...NO_USAGE, prompt: tokens - 400, completion: 400 },
      guests: {},
      notices: {},
      mentions: {},
      spent: {},
      allowances: {}
    };
  }
}

function confirmationOf(
  id: string,
  title: string,
  when: number,
  more: Partial<Confirmation>
): Confirmation {
  const question = more.kind === 'question';
  return {
    status: 'open',
    confirmation_id: id,
    kind: 'tool_call',
    thread_id: 'main',
    title,
    args_hash: 'h',
    options: question
      ? [
          { id: 'answer', label: 'Answer', style: 'primary' },
          { id: 'skip', label: 'Skip', style: 'plain' }
        ]
      : [
          { id: 'approve', label: 'Approve', style: 'primary' },
          { id: 'deny', label: 'Deny', style: 'danger' }
        ],
    policy: { ...PLAIN_POLICY, right: 'execute' },
    opened_by: COPILOT,
    opened_at: when,
    body: '',
    call_id: null,
    run_id: null,
    schema: null,
    expires_at: null,
    tried_by: null,
    votes: [],
    budget: null,
    ...more
  } as Confirmation;
}

/** A view of a state, with what is usual around it. */
export function view(state: RoomState | null, more: Partial<CopilotView> = {}): CopilotView {
  const participants = more.participants ?? [participant(ALICE), participant(BOB)];
  return {
    notebook: 'penguins.ipynb',
    path: 'work/penguins.ipynb',
    connection: { type: 'live' },
    you: YOU,
    participants,
    known: acquainted(NOBODY, participants),
    state,
    version: 1,
    threadId: 'main',
    unsent: [],
    models: ['gpt-5-mini', 'gpt-5', 'llama4'].map(name => ({
      name,
      label: '',
      note: '',
      demo: false
    })),
    agents: [],
    chosenAgent: null,
    chosenModel: null,
    draft: { text: '', attachments: [] },
    history: () => [],
    earlier: [],
    examples: [
      'Explain what this notebook does',
      'Plot `flipper_length_mm` by species',
      'Fix the error in cell 4'
    ],
    sendWith: 'enter',
    notice: null,
    ...more
  };
}
