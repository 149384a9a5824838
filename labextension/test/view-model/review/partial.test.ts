import { expect, test } from 'vitest';

import type { Call, CellDiff, JsonObject } from '../../../src/protocol';
import {
  decisionOf,
  isDivisible,
  isEditable,
  type Taken
} from '../../../src/view-model/review/partial';

function call(args: JsonObject, ...cells: Partial<CellDiff>[]): Call {
  return { args, preview: { cells } } as unknown as Call;
}

const taken = (parts: { [index: number]: Taken }) =>
  new Map(Object.entries(parts).map(([index, part]) => [Number(index), part]));

const PART = call(
  { cell_id: 'x', expected_version: 'v', old_text: 'a', new_text: 'b' },
  { action: 'edit', cell_id: 'x' }
);
const SEVERAL = call(
  {
    changes: [
      { action: 'insert_cell', after: 'x', source: 'one' },
      { action: 'edit_cell', cell_id: 'x', old_text: 'a', new_text: 'b' },
      { action: 'edit_cell', cell_id: 'x', old_text: 'c', new_text: 'd' },
      { action: 'insert_cell', after: 'x', source: 'two' },
      { action: 'delete_cell', cell_id: 'y' }
    ]
  },
  { action: 'insert', cell_id: 'c-1' },
  { action: 'edit', cell_id: 'x' },
  { action: 'insert', cell_id: 'c-2' },
  { action: 'delete', cell_id: 'y' }
);

test('all of it is a bare approval, none of it a denial', () => {
  expect(decisionOf(SEVERAL, taken({}))).toEqual({ option: 'approve', comment: '' });
  const none = taken({ 0: 'none', 1: 'none', 2: 'none', 3: 'none' });
  expect(decisionOf(SEVERAL, none)).toEqual({ option: 'deny', comment: '' });
});

test('another source stands in place of the part that was to be replaced', () => {
  expect(decisionOf(PART, taken({ 0: { source: 'new' } })).edited_args).toEqual({
    cell_id: 'x',
    expected_version: 'v',
    source: 'new'
  });
});

test('a change that is left out goes, with all of its edits', () => {
  expect(decisionOf(SEVERAL, taken({ 1: 'none', 2: 'none' })).edited_args).toEqual({
    changes: [
      { action: 'insert_cell', after: 'x', source: 'one' },
      { action: 'delete_cell', cell_id: 'y' }
    ]
  });
});

test('several edits of a cell become one with what is taken of them', () => {
  const { edited_args } = decisionOf(SEVERAL, taken({ 1: { source: 'new' }, 3: 'none' }));
  expect(edited_args).toEqual({
    changes: [
      { action: 'insert_cell', after: 'x', source: 'one' },
      { action: 'edit_cell', cell_id: 'x', source: 'new' },
      { action: 'insert_cell', after: 'x', source: 'two' }
    ]
  });
});

test('what can be divided and edited follows from what the call is given', () => {
  expect(isDivisible(SEVERAL)).toBe(true);
  expect(isDivisible(call({ cell_ids: ['x', 'y'] }, {}, {}))).toBe(false);
  const edit = { action: 'edit' } as CellDiff;
  expect([isEditable(PART, edit), isEditable(SEVERAL, edit)]).toEqual([true, true]);
  expect(isEditable(call({ path: 'x' }), edit)).toBe(false);
  expect(isEditable(SEVERAL, { action: 'delete' } as CellDiff)).toBe(false);
});

test('a change is found by what the model calls its cell: the beginning of its id, or its number', () => {
  const named = call(
    {
      changes: [
        { action: 'delete_cell', cell_id: '3f2a9c41' },
        { action: 'edit_cell', cell_id: 'cell 7', source: 'new' }
      ]
    },
    { action: 'delete', cell_id: '3f2a9c41-1f0e-4c58-9f3e-000000000000', label: 'cell 2' },
    { action: 'edit', cell_id: 'another', label: 'cell 7' }
  );
  expect(decisionOf(named, taken({ 0: 'none' })).edited_args).toEqual({
    changes: [{ action: 'edit_cell', cell_id: 'cell 7', source: 'new' }]
  });
  expect(decisionOf(named, taken({ 1: 'none' })).edited_args).toEqual({
    changes: [{ action: 'delete_cell', cell_id: '3f2a9c41' }]
  });
});

test('what is not taken does not run either, and what runs as it is cannot be left out alone', () => {
  const args = {
    changes: [
      { action: 'insert_cell', cell_id: 'mine', after: 'x', source: 'one' },
      { action: 'edit_cell', cell_id: 'x', source: 'two' }
    ],
    run: ['mine', 'x']
  };
  const both = call(args, { action: 'insert', cell_id: 'c-1' }, { action: 'edit', cell_id: 'x' });
  expect(isDivisible(both)).toBe(true);
  expect(decisionOf(both, taken({ 0: 'none' })).edited_args).toEqual({
    changes: [{ action: 'edit_cell', cell_id: 'x', source: 'two' }],
    run: ['x']
  });
  const more = call(args, { action: 'edit', cell_id: 'x' }, { action: 'run', cell_id: 'y' });
  expect(isDivisible(more)).toBe(false);
});
