import type { Call, CellDiff, Open, RoomState, Run } from '../../protocol';
import { openConfirmations } from '../../core/state';

/** What a confirmation that waits would do to one cell. */
export interface Change {
  /** The same for the same change of the same proposal. */
  readonly key: string;
  readonly confirmation: Open;
  readonly call: Call;
  readonly run: Run | null;
  readonly diff: CellDiff;
  /** Which of the call's diffs this is. */
  readonly index: number;
  /** Whether the cell runs afterwards. */
  readonly runs: boolean;
}

/** All that is proposed for cells and waits for a person, in the order in which it was asked. */
export function openChanges(state: RoomState): Change[] {
  return openConfirmations(state).flatMap(confirmation => {
    const call = confirmation.call_id === null ? undefined : state.calls[confirmation.call_id];
    return confirmation.kind === 'tool_call' && call?.status === 'proposed'
      ? changesOf(confirmation, call, state.runs[call.run_id] ?? null)
      : [];
  });
}

function changesOf(confirmation: Open, call: Call, run: Run | null): Change[] {
  const { cells } = call.preview;
  return cells.flatMap((diff, index) => {
    if (diff.action === 'run' && cells.some((c, i) => i < index && isSource(c, diff.cell_id))) {
      return []; // It is shown by the change that comes before its run.
    }
    const key = `${confirmation.confirmation_id}.${index}`;
    return [{ key, confirmation, call, run, diff, index, runs: runsAfter(call, diff) }];
  });
}

function isSource({ action, cell_id }: CellDiff, id: string): boolean {
  return cell_id === id && (action === 'insert' || action === 'edit');
}

function runsAfter(call: Call, { action }: CellDiff): boolean {
  return call.effect === 'execute' && action !== 'delete' && action !== 'move';
}

/** Each cell's source as the changes before this one would leave it; what they do not touch is not in it. */
export function sourcesBefore(changes: readonly Change[], change: Change): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { diff } of changes.slice(0, changes.indexOf(change))) {
    if (diff.after !== null && diff.action !== 'run' && diff.action !== 'move') {
      sources.set(diff.cell_id, diff.after);
    }
  }
  return sources;
}

/** The confirmations that some changes belong to. */
export function confirmationsOf(changes: readonly Change[]): Open[] {
  return [...new Set(changes.map(change => change.confirmation))];
}
