import { describe, expect, test } from 'vitest';

import { meantOf, type Proposal, ReviewDrafts } from '../../src/model/review-drafts';
import type { CellDiff } from '../../src/protocol';

const EDIT = { action: 'edit', cell_id: 'a', before: '1', after: '2' } as CellDiff;
const INSERT = { action: 'insert', cell_id: 'b', before: null, after: 'x' } as CellDiff;

function proposal(...cells: CellDiff[]): Proposal {
  return {
    call_id: 'c1',
    preview: { title: '', cells, code: null, language: '' } as Proposal['preview']
  };
}

describe('what a person means about a proposal', () => {
  test('stays when a change before it was made, which moves its cell and makes its arguments others', () => {
    const drafts = new ReviewDrafts();
    drafts.set(proposal(EDIT, INSERT), 1, { source: 'y' });
    const revised = { ...INSERT, above: 'c', above_after: 'c', label: 'Cell 7' } as CellDiff;
    expect(drafts.of(proposal(EDIT, revised), 1).source).toBe('y');
    expect(meantOf(drafts, proposal(EDIT, revised))).toEqual({ rejected: 0, edited: 1 });
  });

  test.each([
    ['the text that it would leave', { ...EDIT, after: '3' }],
    ['the text that it was made from', { ...EDIT, before: '0' }],
    ['what it does', { ...EDIT, action: 'delete', after: '2' } as CellDiff]
  ])('goes when a change becomes another one: %s', (_, other) => {
    const drafts = new ReviewDrafts();
    drafts.set(proposal(EDIT, INSERT), 0, { source: '2 + 0' });
    drafts.set(proposal(EDIT, INSERT), 1, { mark: 'reject' });
    expect(drafts.of(proposal(other, INSERT), 0)).toEqual({ source: null, mark: null });
    expect(drafts.of(proposal(other, INSERT), 1).mark).toBe('reject');
  });
});
