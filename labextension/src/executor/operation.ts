import type { JsonObject } from '../protocol';

export type CellType = 'code' | 'markdown' | 'raw';

/** A change of the notebook, as the server sends it; `after` names the cell before it, null the beginning. */
export type Change =
  | {
      type: 'insert_cell';
      cell_id: string;
      after: string | null;
      cell_type: CellType;
      source: string;
    }
  | { type: 'set_source'; cell_id: string; expected: string; source: string }
  | { type: 'delete_cell'; cell_id: string; expected: string }
  | { type: 'move_cell'; cell_id: string; after: string | null }
  | { type: 'set_type'; cell_id: string; expected: string; cell_type: CellType };

/** What a front end is asked to do for a call, as a whole. */
export type Operation =
  | { type: 'apply'; changes: Change[]; exec_id: string }
  | { type: 'run'; cell_id: string; exec_id: string; expected?: string | null }
  | { type: 'interrupt' }
  | { type: 'restart' }
  | { type: 'command'; name: string; args: JsonObject };

/** How an operation ended, as it is reported. */
export type Report = JsonObject & { status: string };

export const OK: Report = { status: 'ok' };

export function failure(code: string, message: string, hint = ''): Report {
  return { status: 'error', code, message, hint };
}
