/**
 * Whether a call may begin, exactly as `jupyter_copilot/core/permissions/judge.py` has it: the server judges, and the page
 * says the same beforehand. Both run the vectors in `tests/vectors/permissions.json`.
 */
import type {
  Asked,
  Danger,
  Effect,
  Match,
  Mode,
  Reason,
  Rule,
  RuleScope,
  Terms,
  Verdict
} from '../../protocol';
import { fitsCommand, fitsName, isCommand } from './patterns';

/** From the tightest to the widest. */
export const MODES: readonly Mode[] = ['plan', 'ask', 'auto_edit', 'auto'];
const EFFECTS: readonly Effect[] = ['read', 'edit', 'execute'];
/** The least effect that a mode asks for. */
const ASKS: { readonly [M in Mode]: Effect | null } = {
  plan: 'edit',
  ask: 'edit',
  auto_edit: 'execute',
  auto: null
};

/** What becomes of a call; `now` is in unix ms. */
export function judge(
  terms: Terms,
  rules: readonly Rule[],
  mode: string,
  asked: Asked,
  now: number
): Verdict {
  const counts = tightestMode(mode, terms.modes);
  const refused = [
    ...locked(asked),
    ...ofTerms(terms, asked, 'refuse'),
    ...(counts === 'plan' && asked.effect !== 'read' ? [reason('plan')] : [])
  ];
  if (refused.length > 0) {
    return { then: 'refuse', rule_id: null, because: refused };
  }
  const fetching = asked.fetches && asked.effect !== 'read' ? [reason('fetches')] : [];
  const firm = [...ofTerms(terms, asked, 'ask'), ...fetching];
  const because = [
    ...firm,
    ...dangersOf(asked).map(danger => reason('danger', danger)),
    ...askedByMode(counts, asked)
  ];
  if (because.length === 0) {
    return { then: 'allow', rule_id: null, because: [] };
  }
  const rule = rules.find(each => letsIn(terms, each, asked, now));
  if (rule !== undefined && firm.length === 0) {
    return { then: 'allow', rule_id: rule.rule_id, because: [] };
  }
  return { then: 'ask', rule_id: null, because };
}

/** Whether a rule is in force for this call and covers it, its dangers included. */
export function letsIn(terms: Terms, rule: Rule, asked: Asked, now: number): boolean {
  const { agents, run_id, thread_id, scope, definitions } = rule;
  return (
    terms.rules &&
    isInForce(rule, now) &&
    (agents.length === 0 || agents.includes(asked.agent_id)) &&
    (run_id === null || run_id === asked.run_id) &&
    (thread_id === null || thread_id === asked.thread_id) &&
    Object.prototype.hasOwnProperty.call(definitions, asked.tool) &&
    definitions[asked.tool] === asked.definition &&
    covers(scope, asked) &&
    (dangersOf(asked).length === 0 || isExplicit(scope, asked))
  );
}

/** Whether neither its time is over nor its uses are spent. */
export function isInForce({ until, uses, used }: Rule, now: number): boolean {
  return (until === null || now < until) && (uses === null || used < uses);
}

/** Whether a call fits every field of the scope that is set; one of which none is set covers nothing. */
export function covers(scope: RuleScope, asked: Asked): boolean {
  const { effect, tool, server, command, pattern } = scope;
  const byCells = scope.cells.length > 0 || scope.tags.length > 0;
  const isEmpty =
    [effect, tool, server, command, pattern].every(field => field === null) && !byCells;
  return (
    !isEmpty &&
    (effect === null || EFFECTS.indexOf(asked.effect) <= EFFECTS.indexOf(effect)) &&
    (tool === null || tool === asked.tool) &&
    (server === null || server === asked.server) &&
    (!byCells || isWithin(scope, asked)) &&
    (command === null || runsOnly(asked, code => isCommand(command, code))) &&
    (pattern === null || runsOnly(asked, code => fitsCommand(pattern, code)))
  );
}

/** Whether a scope names the very code, or the tool or the MCP server of a call without any: its grantor knew. */
export function isExplicit({ command, tool, server }: RuleScope, { code }: Asked): boolean {
  return code.length > 0 ? command !== null : tool !== null || Boolean(server);
}

/** The mode that counts: one that is not known asks, and one that is not allowed gives way to a tighter one. */
export function tightestMode(mode: string, modes: Terms['modes'] = null): Mode {
  const known = MODES.find(each => each === mode) ?? 'ask';
  const within = MODES.slice(0, MODES.indexOf(known) + 1);
  return within.filter(each => modes === null || modes.includes(each)).pop() ?? 'plan';
}

/** Whether the call concerns cells at all, and each of them is named or tagged. */
function isWithin(scope: RuleScope, { cells }: Asked): boolean {
  const isNamed = ({ added, cell_id, tags }: Asked['cells'][number]) =>
    !added && (scope.cells.includes(cell_id) || tags.some(tag => scope.tags.includes(tag)));
  return cells.length > 0 && cells.every(isNamed);
}

function runsOnly({ code }: Asked, fits: (code: string) => boolean): boolean {
  return code.length > 0 && code.every(fits);
}

function ofTerms({ entries, deciders }: Terms, asked: Asked, then: 'ask' | 'refuse'): Reason[] {
  const found = [
    ...entries.filter(term => term.then === then),
    ...(then === 'ask' ? deciders : [])
  ];
  return found
    .filter(({ match }) => matches(match, asked))
    .map(({ because }) => reason('terms', because));
}

/** Whether an entry of the administrator's is about this call. */
export function matches(match: Match, asked: Asked): boolean {
  return (
    (match.effect === null || match.effect === asked.effect) &&
    (match.tool === null || fitsName(match.tool, asked.tool)) &&
    (match.server === null || fitsName(match.server, asked.server)) &&
    (match.path === null || fitsName(match.path, asked.path)) &&
    (match.danger === null || asked.dangers.includes(match.danger)) &&
    (match.agent === null || fitsName(match.agent, asked.agent_id))
  );
}

function locked({ cells, effect }: Asked): Reason[] {
  return cells.flatMap(({ lock, changed, cell_id }) =>
    lock !== null && effect !== 'read' && (lock === 'locked' || changed)
      ? [reason(lock, cell_id)]
      : []
  );
}

/** Code is dangerous when it runs: text that is only written is looked at when somebody wants to run it. */
function dangersOf({ effect, dangers }: Asked): readonly Danger[] {
  return effect === 'execute' ? dangers : [];
}

function askedByMode(mode: Mode, { effect }: Asked): Reason[] {
  const least = ASKS[mode];
  const asks = least !== null && EFFECTS.indexOf(effect) >= EFFECTS.indexOf(least);
  return asks ? [reason('mode', mode)] : [];
}

function reason(code: Reason['code'], about = ''): Reason {
  return { code, about };
}
