import { apply } from '../../core/reducer';
import { initial } from '../../core/state';
import { type LogRecord, RETAINED_ITEMS } from '../../protocol';
import { blocksOf, NOTHING, type Row, timeline } from './timeline';

/** A page of the record. */
export interface Page {
  readonly log: string;
  readonly head: number;
  readonly floor: number;
  readonly records: readonly LogRecord[];
}

/**
 * The rows of a chat from its beginning, oldest first: those that left the shared state too, read from the record.
 *
 * It is folded apart, into a state of its own; what that forgets in its turn was made into rows before.
 */
export async function wholeHistory(
  page: (after: number) => Promise<Page>,
  threadId: string
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  let seen = NOTHING;
  let state = null;
  for (;;) {
    const { log, head, floor, records } = await page(state?.seq ?? 0);
    state ??= initial(log);
    const harvest = () => {
      seen = timeline(state!, threadId, seen);
      for (const row of seen.rows) {
        const before = rows.get(row.key);
        // A run of which the state forgot a part stays whole.
        if (before === undefined || blocksOf(row).length >= blocksOf(before).length) {
          rows.set(row.key, row);
        }
      }
    };
    for (const record of records) {
      apply(state, record, floor);
      if ((state.threads[threadId]?.items.length ?? 0) >= RETAINED_ITEMS) {
        harvest();
      }
    }
    if (records.length === 0 || state.seq >= head) {
      harvest();
      return [...rows.values()].filter(row => row.type !== 'earlier');
    }
  }
}

/** What stood before the first of these rows; of a row that both have, the parts that only the earlier one has. */
export function before(history: readonly Row[], shown: readonly Row[]): Row[] {
  const first = shown.find(row => row.type !== 'earlier');
  const at = history.findIndex(row => row.key === first?.key);
  const earlier = history.slice(0, at < 0 ? history.length : at);
  const cut = history[at];
  if (cut?.type !== 'run' || first?.type !== 'run') {
    return earlier;
  }
  const there = new Set(first.blocks.map(block => block.key));
  const blocks = cut.blocks.filter(block => !there.has(block.key));
  return blocks.length === 0
    ? earlier
    : [...earlier, { ...cut, key: `${cut.key}.earlier`, blocks }];
}
