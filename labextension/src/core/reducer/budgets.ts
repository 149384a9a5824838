/** What model calls cost, and what people allowed beyond a budget. */
import type { BudgetAsk, BudgetScope, RoomState, RunCharged, RunId } from '../../protocol';
import type { Folds } from './folds';

const DAY_MS = 86_400_000;

/** People allowed more than a budget has. */
export function allow(state: RoomState, { key, tokens, money }: BudgetAsk): void {
  const before = state.allowances[key];
  state.allowances[key] = {
    key,
    tokens: (before?.tokens ?? 0) + tokens,
    money: (before?.money ?? 0) + money
  };
}

/** A run that is over spends nothing more. */
export function forgetRun(state: RoomState, runId: RunId): void {
  const key = spentKey('run', runId, null);
  delete state.spent[key];
  delete state.allowances[key];
}

function spentKey(scope: BudgetScope, id: string, day: number | null): string {
  return `${scope}:${day ?? ''}:${id}`;
}

function add(
  state: RoomState,
  event: RunCharged,
  scope: BudgetScope,
  id: string,
  day: number | null
): void {
  const key = spentKey(scope, id, day);
  const before = state.spent[key];
  const tokens = (before?.tokens ?? 0) + event.tokens;
  const money = (before?.money ?? 0) + event.money;
  state.spent[key] = { scope, id, day, tokens, money };
}

/** Of days, today and the one before are kept. */
function forgetBefore(state: RoomState, day: number): void {
  for (const [key, spent] of Object.entries(state.spent)) {
    if (spent.day !== null && spent.day < day) {
      delete state.spent[key];
      delete state.allowances[key];
    }
  }
}

export const budgetFolds = {
  run_charged: (state, event, { at }) => {
    const run = state.runs[event.run_id];
    if (run?.status !== 'running' || event.own_key) {
      return;
    }
    const day = Math.floor(at / DAY_MS);
    forgetBefore(state, day - 1);
    add(state, event, 'run', run.run_id, null);
    const scopes = [
      ['thread', run.thread_id],
      ['room', ''],
      ['person', event.person_id]
    ] as const;
    for (const [scope, id] of scopes) {
      add(state, event, scope, id, null);
      add(state, event, scope, id, day);
    }
  }
} satisfies Partial<Folds>;
