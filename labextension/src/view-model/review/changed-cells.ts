import type { Actor, CallDone, CellDiff, RoomState } from '../../protocol';
import { COPILOT_AGENT } from '../../core/state';

/** What an agent last did to the source of a cell, for whom, and who let it. */
export interface CellChange {
  /** The same for the same change of the same cell. */
  readonly key: string;
  readonly diff: CellDiff;
  readonly call: CallDone;
  readonly agent: Actor;
  readonly askedBy: Actor | null;
  /** Who decided it, or granted the rule that let it in; null where the mode did. */
  readonly allowedBy: Actor | null;
  /** Whether a person decided on it, and so saw it before. */
  readonly wasSeen: boolean;
  readonly edited: boolean;
}

/** The cells that agents changed and whose change still stands, by their ids; the last change of each. */
export function changedCells(state: RoomState): ReadonlyMap<string, CellChange> {
  const found = new Map<string, CellChange>();
  const done = Object.values(state.calls).filter(call => call.status === 'finished');
  for (const call of done.sort((a, b) => a.finished_at - b.finished_at)) {
    if (call.effect !== 'read' && !call.is_error && !call.denied && call.undone === null) {
      call.preview.cells.forEach(diff => note(found, state, call, diff));
    }
  }
  return found;
}

function note(
  found: Map<string, CellChange>,
  state: RoomState,
  call: CallDone,
  diff: CellDiff
): void {
  const { cell_id, action } = diff;
  if (action === 'delete') {
    found.delete(cell_id);
  } else if (action === 'edit' || action === 'insert' || action === 'retype') {
    const run = state.runs[call.run_id];
    const asked = call.confirmation_id === null ? null : state.confirmations[call.confirmation_id];
    const decided = asked?.status === 'decided' ? asked : null;
    found.set(cell_id, {
      key: `${call.call_id} ${cell_id}`,
      diff,
      call,
      agent: (run !== undefined && run.status !== 'queued' && run.agent) || COPILOT_AGENT,
      askedBy: run?.asked_by ?? null,
      allowedBy: decided?.by ?? call.allowed_by?.granted_by ?? null,
      wasSeen: decided !== null && !decided.rule_id,
      edited: (decided?.edited_args ?? null) !== null
    });
  }
}

/**
 * What a change is to a person: nothing new where they decided it themselves; new where somebody else did; and
 * unreviewed where nobody saw it before it was done.
 */
export function newsOf(
  change: CellChange,
  you: { id: string } | null
): 'new' | 'unreviewed' | null {
  if (!change.wasSeen) {
    return 'unreviewed';
  }
  return change.allowedBy?.id === you?.id ? null : 'new';
}
