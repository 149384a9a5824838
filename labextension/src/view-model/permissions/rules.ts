import type { TranslationBundle } from '@jupyterlab/translation';

import { type Asked, bar } from '../../core/policy';
import { COPILOT } from '../../protocol';
import type {
  Call,
  Command,
  Effect,
  Grant,
  Mode,
  RoomState,
  Rule,
  Run,
  Thread,
  You
} from '../../protocol';
import { actorName, clock } from '../wording';

/** A rule that a card offers; its id is made when somebody grants it. */
export interface Offer {
  label: string;
  means: string;
  grant: Omit<Grant, 'rule_id'>;
}

/** A line of the strip: something that may happen without asking, and what ends it. */
export interface Standing {
  key: string;
  text: string;
  /** Who allowed it, and how often it was used. */
  details: string;
  end: Command;
}

const NO_SCOPE = {
  effect: null,
  tool: null,
  server: null,
  cells: [],
  tags: [],
  command: null,
  pattern: null
} as const;
const NO_END = { run_id: null, thread_id: null, for_s: null, uses: null } as const;
const HOUR_S = 3600;
/** The tool whose question is a plan; see `jupyter_copilot/core/permissions/plans.py`. */
const PLAN_TOOL = 'propose_plan';
const LONGEST_COMMAND = 4000;

/** The rules that a card offers beside its approval, the narrowest last. */
export function offersOf(call: Call, agentId: string | null, trans: TranslationBundle): Offer[] {
  const agents = [agentId ?? COPILOT];
  const { effect, run_id, thread_id, tool } = call;
  if (tool === PLAN_TOOL) {
    return planOffers(call, agents, trans);
  }
  const broad = { ...NO_SCOPE, effect };
  const offers: Offer[] = [
    {
      label: untilAnswer(effect, trans),
      means: trans.__('What waits in this answer goes on, too. Dangerous code still asks.'),
      grant: { scope: broad, agents, ...NO_END, run_id }
    },
    {
      label:
        effect === 'execute'
          ? trans.__('Edits and runs in this chat for an hour')
          : trans.__('Edits in this chat'),
      means: trans.__('Until somebody revokes it, above the message box.'),
      grant: {
        scope: broad,
        agents,
        ...NO_END,
        thread_id,
        for_s: effect === 'execute' ? HOUR_S : null
      }
    }
  ];
  const tag = commonTag(call);
  if (tag !== null) {
    offers.push({
      label: trans.__('Only in cells tagged %1, in this chat', tag),
      means: trans.__('Until somebody revokes it, above the message box.'),
      grant: { scope: { ...broad, tags: [tag] }, agents, ...NO_END, thread_id }
    });
  }
  const exact = codeOf(call);
  if (exact !== null) {
    offers.push({
      label: trans.__('Exactly this code, always'),
      means: trans.__('Word for word, even if it is dangerous.'),
      grant: { scope: { ...NO_SCOPE, command: exact }, agents, ...NO_END }
    });
  } else if (effect === 'execute' && call.preview.cells.length === 0) {
    offers.push({
      label: trans.__('This tool in this chat'),
      means: trans.__('Only “%1”, whatever it is asked to do.', tool),
      grant: { scope: { ...NO_SCOPE, tool }, agents, ...NO_END, thread_id }
    });
    const server = call.circumstances?.server ?? '';
    if (server !== '') {
      offers.push({
        label: trans.__('All tools of %1 in this chat', server),
        means: trans.__('Whatever they are asked to do.'),
        grant: { scope: { ...NO_SCOPE, server }, agents, ...NO_END, thread_id }
      });
    }
  }
  return offers;
}

/** A tag that all cells have which a call concerns; null when there is none, or it adds cells. */
function commonTag({ preview, circumstances }: Call): string | null {
  const ids = [...new Set(preview.cells.map(cell => cell.cell_id))];
  const [first, ...others] = ids.map(id => circumstances?.tags[id] ?? []);
  const isCommon = (tag: string) => others.every(tags => tags.includes(tag));
  return first?.find(tag => !tag.startsWith('copilot') && isCommon(tag)) ?? null;
}

/** What a plan offers: that its steps go on without asking, no more than it says, and only in its own answer. */
function planOffers(call: Call, agents: string[], trans: TranslationBundle): Offer[] {
  const { steps } = call.args;
  const named = Array.isArray(steps)
    ? steps.map(step => (step as { effect?: unknown })?.effect)
    : [];
  const effect = (['execute', 'edit'] as const).find(each => named.includes(each));
  if (effect === undefined) {
    return [];
  }
  const label =
    effect === 'execute'
      ? trans.__('Its edits and runs, until this answer ends')
      : trans.__('Its edits, until this answer ends');
  const means = trans.__('Its steps go on without asking. Dangerous code still asks.');
  const scope = { ...NO_SCOPE, effect };
  return [{ label, means, grant: { scope, agents, ...NO_END, run_id: call.run_id } }];
}

/** Those of them that this person may grant. */
export function offersTo(
  you: You | null,
  call: Call | null,
  agentId: string | null,
  trans: TranslationBundle
): Offer[] {
  const offers = call === null ? [] : offersOf(call, agentId, trans);
  const here = { calls: {}, confirmations: {} };
  return offers.filter(({ grant }) => {
    const command = { type: 'grant_rule', grant: { ...grant, rule_id: '' } } as const;
    return may(here, command, you);
  });
}

function untilAnswer(effect: Effect, trans: TranslationBundle): string {
  return effect === 'execute'
    ? trans.__('Edit and run without asking until this answer ends')
    : trans.__('Edit without asking until this answer ends');
}

/** The one piece of code that a call runs; null when there are several, none, or too long a one. */
function codeOf({ effect, preview }: Call): string | null {
  if (effect !== 'execute') {
    return null;
  }
  const sources = preview.cells.filter(c => c.cell_type === 'code').map(c => c.after ?? '');
  const code = [...sources, preview.code ?? ''].filter(text => text.trim() !== '');
  return code.length === 1 && code[0]!.length <= LONGEST_COMMAND ? code[0]! : null;
}

/** Whether this person may give a command. */
export function may(state: Asked, command: Command, you: You | null): boolean {
  return you !== null && bar(state, command, { kind: 'person', id: you.id }, you.can) === null;
}

/** What may happen without asking in this thread now: its mode while that ends by itself, and the rules in force. */
export function standing(
  state: RoomState,
  threadId: string,
  now: number,
  trans: TranslationBundle
): Standing[] {
  const thread = state.threads[threadId];
  const lines = Object.values(state.rules)
    .filter(rule => isHere(state, rule, threadId) && (rule.until === null || now < rule.until))
    .map(rule => ({
      key: rule.rule_id,
      text: ruleText(rule, now, trans),
      details: detailsOf(rule, trans),
      end: { type: 'end_rule', rule_id: rule.rule_id } as const
    }));
  const mode = thread === undefined ? null : modeLine(thread, now, trans);
  return mode === null ? lines : [mode, ...lines];
}

function isHere(state: RoomState, rule: Rule, threadId: string): boolean {
  const run = rule.run_id === null ? undefined : state.runs[rule.run_id];
  const bound = rule.thread_id ?? run?.thread_id;
  return bound === undefined || bound === threadId;
}

function modeLine(thread: Thread, now: number, trans: TranslationBundle): Standing | null {
  const { mode, mode_by, mode_until, mode_one_answer, thread_id } = thread;
  if (mode_by === null || (mode_until !== null && mode_until <= now)) {
    return null;
  }
  const name = modeName(mode as Mode, trans);
  const text =
    mode_until !== null
      ? trans.__('%1 until %2', name, clock(mode_until, now))
      : mode_one_answer
        ? trans.__('%1 until the answer ends', name)
        : name;
  const end = { type: 'set_mode', thread_id, mode: 'ask' } as const;
  return {
    key: 'mode',
    text,
    details: trans.__('chosen by %1', actorName(mode_by, trans)),
    end
  };
}

/** What people call a mode. */
export function modeName(mode: Mode, trans: TranslationBundle): string {
  switch (mode) {
    case 'plan':
      return trans.__('Plan');
    case 'ask':
      return trans.__('Ask');
    case 'auto_edit':
      return trans.__('Edit freely');
    case 'auto':
      return trans.__('Auto');
  }
}

/** "Edits and runs until this answer ends" */
export function ruleText(rule: Rule, now: number, trans: TranslationBundle): string {
  return `${whatIsAllowed(rule, trans)} ${untilWhen(rule, now, trans)}`;
}

function whatIsAllowed({ scope }: Rule, trans: TranslationBundle): string {
  const { effect, tool, server, command, pattern, cells, tags } = scope;
  if (command !== null || pattern !== null) {
    const code = (command ?? pattern ?? '').trim().split('\n')[0]!;
    return trans.__('“%1”', code.length > 40 ? `${code.slice(0, 39)}…` : code);
  }
  if (tool !== null) {
    return trans.__('“%1”', tool);
  }
  const what =
    effect === 'read'
      ? trans.__('Reading')
      : effect === 'edit'
        ? trans.__('Edits')
        : effect === 'execute'
          ? trans.__('Edits and runs')
          : trans.__('Everything');
  if (server !== null) {
    return trans.__('%1 with %2', what, server);
  }
  if (tags.length > 0) {
    return trans.__('%1 in cells tagged %2', what, tags.join(', '));
  }
  return cells.length > 0 ? trans._n('%2 in one cell', '%2 in %1 cells', cells.length, what) : what;
}

function untilWhen(rule: Rule, now: number, trans: TranslationBundle): string {
  const { run_id, thread_id, until, uses, used } = rule;
  if (run_id !== null) {
    return trans.__('until this answer ends');
  }
  if (uses !== null) {
    return trans._n('once more', '%1 more times', uses - used);
  }
  const where = thread_id === null ? trans.__('here') : trans.__('in this chat');
  return until === null ? where : trans.__('%1 until %2', where, clock(until, now));
}

function detailsOf({ granted_by, used }: Rule, trans: TranslationBundle): string {
  const by = trans.__('allowed by %1', actorName(granted_by, trans));
  return used === 0 ? by : `${by} · ${trans._n('used once', 'used %1 times', used)}`;
}

/** Trying again widens what happens, which takes more than to write. */
export function mayRetry({ run_id }: Run, you: You | null): boolean {
  return may({ calls: {}, confirmations: {} }, { type: 'retry_run', run_id }, you);
}
