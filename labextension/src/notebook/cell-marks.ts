import type { Call, Confirmation, RoomState } from '../protocol';

/** What the agent does with a cell now, or wants to do. */
export interface CellMark {
  readonly doing: 'running' | 'editing' | 'wants_run' | 'wants_edit';
  readonly askedBy: string;
  /** The confirmation that waits, for going to it. */
  readonly confirmationId: string | null;
}

/** The marks of a room's cells, by cell id. */
export function cellMarks(state: RoomState): ReadonlyMap<string, CellMark> {
  const marks = new Map<string, CellMark>();
  for (const call of Object.values(state.calls)) {
    const doing = doingOf(call, state);
    if (doing !== null) {
      const askedBy = state.runs[call.run_id]?.asked_by.name ?? '';
      for (const cell of call.preview.cells) {
        marks.set(cell.cell_id, { doing, askedBy, confirmationId: call.confirmation_id });
      }
    }
  }
  return marks;
}

function doingOf(call: Call, state: RoomState): CellMark['doing'] | null {
  if (call.status === 'started') {
    return call.effect === 'execute' ? 'running' : 'editing';
  }
  const confirmation: Confirmation | undefined =
    call.confirmation_id === null ? undefined : state.confirmations[call.confirmation_id];
  if (call.status !== 'proposed' || confirmation?.status !== 'open') {
    return null;
  }
  return call.preview.cells.every(cell => cell.action === 'run') ? 'wants_run' : 'wants_edit';
}
