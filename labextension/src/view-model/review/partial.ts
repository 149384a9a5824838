import type { Call, CellDiff, JsonObject } from '../../protocol';
import type { Decision } from '../decision';
import { APPROVE, DENY } from '../../protocol';

/**
 * What a person takes of one change: as it was proposed, with another source, or not at all.
 *
 * A call is decided as a whole; what is taken of it goes with the decision, as other arguments of the same call.
 */
export type Taken = 'all' | 'none' | { readonly source: string };

type Entry = { [name: string]: unknown };

/** Whether a call's changes can be taken one by one: not where a cell runs that it leaves as it is. */
export function isDivisible({ args, preview }: Call): boolean {
  const { cells } = preview;
  return (
    cells.length <= 1 || (entriesOf(args) !== null && cells.every(({ action }) => action !== 'run'))
  );
}

/** Whether a change can be taken with another source. */
export function isEditable({ args }: Call, { action }: CellDiff): boolean {
  return (
    (action === 'edit' || action === 'insert') &&
    (entriesOf(args) !== null || 'source' in args || 'old_text' in args)
  );
}

/** The decision that takes this of each change of a call, by the index of its diff; what is not named is taken. */
export function decisionOf(call: Call, taken: ReadonlyMap<number, Taken>): Decision {
  const { cells } = call.preview;
  const each = cells.map((_, index) => taken.get(index) ?? 'all');
  if (each.every(part => part === 'all')) {
    return { option: APPROVE, comment: '' };
  }
  if (each.every(part => part === 'none')) {
    return { option: DENY, comment: '' };
  }
  return { option: APPROVE, comment: '', edited_args: argsOf(call, each) };
}

function argsOf({ args, preview }: Call, taken: readonly Taken[]): JsonObject {
  const entries = entriesOf(args);
  if (entries === null) {
    const part = taken.find(each => typeof each === 'object');
    return (part === undefined ? args : withSource(args, part)) as JsonObject;
  }
  const diffs = diffsOf(entries, preview.cells);
  const kept = entries.flatMap((entry, index) => {
    const diff = diffs[index];
    const part = diff === undefined || diff < 0 ? 'all' : (taken[diff] ?? 'all');
    if (part === 'none' || (part !== 'all' && diffs.lastIndexOf(diff!) !== index)) {
      return []; // The last of several edits of a cell carries what is taken of them.
    }
    return [part === 'all' ? entry : withSource(entry, part)];
  });
  return { ...args, ...withoutRunsOf(args, entries, kept), changes: kept } as JsonObject;
}

/** What is to run, without the cells that are named by changes which are not taken. */
function withoutRunsOf(args: JsonObject, entries: readonly Entry[], kept: readonly Entry[]): Entry {
  const run: unknown = args['run'];
  if (!Array.isArray(run)) {
    return {};
  }
  const ids = (from: readonly Entry[]) => new Set(from.map(entry => entry['cell_id']));
  const [named, stays] = [ids(entries), ids(kept)];
  return { run: run.filter(each => !named.has(each) || stays.has(each)) };
}

/** The same arguments with a whole source in place of whatever said the source before. */
function withSource(args: Entry, { source }: { source: string }): Entry {
  const rest = Object.entries(args).filter(([name]) => name !== 'old_text' && name !== 'new_text');
  return { ...Object.fromEntries(rest), source };
}

/** The changes of a call that makes several; null for one that makes one. */
function entriesOf(args: JsonObject): Entry[] | null {
  const changes: unknown = args['changes'];
  return Array.isArray(changes) && changes.every(each => typeof each === 'object' && each !== null)
    ? (changes as Entry[])
    : null;
}

const ACTIONS: { [action: string]: CellDiff['action'] } = {
  insert_cell: 'insert',
  edit_cell: 'edit',
  delete_cell: 'delete',
  move_cell: 'move',
  set_cell_type: 'retype'
};

/** For each entry the index of the diff that shows it; -1 where none does. Several edits of a cell are one diff. */
function diffsOf(entries: readonly Entry[], cells: readonly CellDiff[]): number[] {
  const inserts = cells.flatMap((cell, index) => (cell.action === 'insert' ? [index] : []));
  return entries.map(entry => {
    const action = ACTIONS[String(entry['action'])];
    return action === 'insert'
      ? (inserts.shift() ?? -1)
      : cells.findIndex(cell => cell.action === action && isNamed(cell, String(entry['cell_id'])));
  });
}

/** Whether a model means this cell, which it may name by its id, by the beginning of that, or by its number. */
function isNamed({ cell_id, label }: CellDiff, told: string): boolean {
  const number = /^(?:cell\s*)?#?\s*(\d{1,5})$/i.exec(told.trim());
  const begins = told.length >= 6 && cell_id.startsWith(told);
  return cell_id === told || begins || (number !== null && label === `cell ${number[1]}`);
}
