// @vitest-environment node
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/core/reducer';
import { decodeRecord } from '../../src/protocol/decode';
import type { RoomState } from '../../src/protocol';
import { initial } from '../../src/core/state';

const FOLDER = resolve(__dirname, '../../../tests/traces');
const NAMES = readdirSync(FOLDER)
  .filter(name => name.endsWith('.jsonl'))
  .map(name => name.slice(0, -'.jsonl'.length));
const FIRST_NAMES = JSON.parse(readFileSync(resolve(FOLDER, 'names.json'), 'utf8')) as {
  [part: string]: string[];
};
const MAPS = [
  'threads',
  'messages',
  'runs',
  'calls',
  'confirmations',
  'guests',
  'rules',
  'notices',
  'mentions',
  'spent',
  'allowances'
] as const;

interface Line {
  record?: unknown;
  changed?: { [place: string]: string | null };
  mark?: true;
  rewind?: true;
}

type Entries = Map<string, unknown>;

function entriesOf(state: RoomState): Entries {
  const entries: Entries = new Map([['usage', state.usage]]);
  for (const name of MAPS) {
    for (const [id, entry] of Object.entries(state[name])) {
      entries.set(`${name}/${id}`, entry);
    }
  }
  return entries;
}

/** What differs by identity, with digests; what differs by identity alone is told apart. */
function changes(before: Entries, after: Entries): { [place: string]: string | null } {
  const found: [string, string | null][] = [];
  for (const [place, entry] of after) {
    if (before.get(place) !== entry) {
      const part = place.split('/')[0]!;
      const text = canonical(withoutLater(entry, part));
      if (canonical(withoutLater(before.get(place), part)) !== text) {
        found.push([place, digest(text)]);
      }
    }
  }
  for (const place of before.keys()) {
    if (!after.has(place)) {
      found.push([place, null]);
    }
  }
  return Object.fromEntries(found);
}

/** Without those fields that are empty and whose names this part of the state got after the first traces. */
function withoutLater(value: unknown, part: string): unknown {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(item => withoutLater(item, part));
  }
  const kept = Object.entries(value).filter(
    ([name, each]) => FIRST_NAMES[part]?.includes(name) || !isEmpty(each)
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutLater(each, part)]));
}

/** The entries of a part, each without what came later; an entry is kept whatever its id. */
function partWithoutLater(value: unknown, part: string): unknown {
  return MAPS.some(name => name === part)
    ? Object.fromEntries(
        Object.entries(value as object).map(([id, each]) => [id, withoutLater(each, part)])
      )
    : value;
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function copyOf(state: RoomState): RoomState {
  const copy = { ...state };
  for (const name of MAPS) {
    Object.assign(copy, { [name]: Object.assign(Object.create(null), state[name]) });
  }
  return copy;
}

/** Fold a trace, comparing after each record what it changed; entries that it did not change must be the same. */
function fold(name: string): RoomState {
  const text = readFileSync(resolve(FOLDER, `${name}.jsonl`), 'utf8');
  const [head, ...lines] = text.trimEnd().split('\n');
  const { log, floor } = JSON.parse(head ?? '') as { log: string; floor: number };
  let state = initial(log);
  let marked = state;
  let before = entriesOf(state);
  for (const [index, line] of lines.entries()) {
    const { record, changed, mark, rewind } = JSON.parse(line) as Line;
    if (mark) {
      marked = copyOf(state);
    } else if (rewind) {
      state = copyOf(marked);
    } else {
      const decoded = decodeRecord(record);
      if (decoded === undefined) {
        throw new Error(`line ${index + 2} holds no record`);
      }
      apply(state, decoded, floor);
    }
    const after = entriesOf(state);
    if (record !== undefined) {
      expect(changes(before, after), `${name}, line ${index + 2}`).toEqual(changed);
    }
    before = after;
  }
  return state;
}

describe('the golden traces of the Python fold', () => {
  it('are here', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(9);
  });

  it.each(NAMES)('%s changes the same entries in the same way', name => {
    const state = fold(name);
    const final = resolve(FOLDER, `${name}.state.json`);
    if (readdirSync(FOLDER).includes(`${name}.state.json`)) {
      const told = Object.entries(JSON.parse(JSON.stringify(state)) as object)
        .map(([part, each]: [string, unknown]) => [part, partWithoutLater(each, part)] as const)
        .filter(([part, each]) => FIRST_NAMES.room!.includes(part) || !isEmpty(each));
      expect(Object.fromEntries(told)).toEqual(JSON.parse(readFileSync(final, 'utf8')));
    }
  });
});
