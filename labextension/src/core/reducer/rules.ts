/** Rules: granted, used, ended; those that are over leave the state. */
import type { LogRecord, RoomState, Rule, RuleGranted, RuleUsed } from '../../protocol';
import type { Folds } from './folds';

function ruleGranted(state: RoomState, event: RuleGranted, record: LogRecord): void {
  const { rule_id, scope, agents, run_id, thread_id, until, uses, definitions } = event;
  if (state.rules[rule_id] === undefined) {
    state.rules[rule_id] = {
      rule_id,
      scope,
      granted_by: record.actor,
      granted_at: record.at,
      agents,
      run_id,
      thread_id,
      until,
      uses,
      definitions,
      used: 0
    };
  }
}

function ruleUsed(state: RoomState, { call_id, rule_id }: RuleUsed): void {
  const call = state.calls[call_id];
  const rule = state.rules[rule_id];
  if (rule !== undefined && call?.status === 'proposed') {
    const { granted_by } = rule;
    state.calls[call_id] = { ...call, allowed_by: { rule_id, granted_by } };
    countUse(state, rule);
  }
}

/** A rule was used once more; its last use ends it. */
export function countUse(state: RoomState, rule: Rule): void {
  const used = rule.used + 1;
  if (rule.uses !== null && used >= rule.uses) {
    delete state.rules[rule.rule_id];
  } else {
    state.rules[rule.rule_id] = { ...rule, used };
  }
}

/** Rules end with the answer or the thread that they were granted for. */
export function endRules(state: RoomState, isOver: (rule: Rule) => boolean): void {
  for (const rule of Object.values(state.rules).filter(isOver)) {
    delete state.rules[rule.rule_id];
  }
}

export const ruleFolds = {
  rule_granted: ruleGranted,
  rule_used: ruleUsed,
  rule_ended: (state, { rule_id }) => {
    delete state.rules[rule_id];
  }
} satisfies Partial<Folds>;
