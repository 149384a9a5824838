import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test, vi } from 'vitest';

import { Proposal, type ProposalLook } from '../../../src/ui/review/proposal';
import { openChanges } from '../../../src/view-model/review/changes';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { show } from '../page';

const EDIT = { action: 'edit', cell_id: 'a', label: 'cell 1', before: 'x = 1', after: 'x = 2' };

function proposal(more: Partial<ProposalLook> = {}) {
  const scene = new Scene()
    .say(ALICE, NOW, 'Go!')
    .call('Edit cell 1', NOW, { effect: 'edit', status: 'proposed', cells: [EDIT] as never }, {});
  const acts = {
    onAccept: vi.fn(),
    onReject: vi.fn(),
    onUnmark: vi.fn(),
    onEdit: vi.fn(),
    onCancel: vi.fn(),
    onPutBack: vi.fn(),
    onShowCurrent: vi.fn()
  };
  const look: ProposalLook = {
    change: openChanges(scene.state())[0]!,
    prompt: '[ ]:',
    position: 1,
    total: 1,
    added: 1,
    removed: 1,
    leftOut: 0,
    mark: null,
    isShared: false,
    together: 1,
    reviewers: [],
    barred: null,
    sending: false,
    refusal: null,
    stale: false,
    seen: true,
    canEdit: true,
    editing: false,
    showsCurrent: false,
    hidesCurrent: true,
    markdown: null,
    target: null,
    sources: ['x = 2'],
    ...more
  };
  show(
    <Proposal {...look} {...acts}>
      {null}
    </Proposal>
  );
  return acts;
}

test('a click accepts or rejects, and a bare key says which keys do', () => {
  const acts = proposal();
  fireEvent.keyDown(screen.getByRole('button', { name: 'Accept' }), { key: 'Enter' });
  expect(acts.onAccept).not.toHaveBeenCalled();
  expect(screen.getByRole('status').textContent).toContain('Ctrl ⏎');
  fireEvent.click(screen.getByRole('button', { name: 'Accept' }));
  fireEvent.click(screen.getByRole('button', { name: 'Reject' }));
  expect(acts.onAccept).toHaveBeenCalledOnce();
  expect(acts.onReject).toHaveBeenCalledOnce();
});

test('what is done all or none says how much one click decides', () => {
  proposal({ together: 4 });
  expect(screen.getByRole('button', { name: 'Accept all 4' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Reject all 4' })).toBeTruthy();
});

test('a cell that changed meanwhile cannot be overwritten', () => {
  proposal({ stale: true });
  expect(screen.getByRole('button', { name: 'Accept' }).hasAttribute('disabled')).toBe(true);
  expect(screen.getByText(/The cell has changed since this was proposed/)).toBeTruthy();
});
