import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { ConfirmationCard } from '../../../src/ui/confirmation/confirmation';
import { InDoubtCard } from '../../../src/ui/confirmation/in-doubt';
import type { Call, CallDoubtful, CellDiff, Open } from '../../../src/protocol';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { grown, show } from '../page';

const CELL: CellDiff = {
  action: 'insert',
  cell_id: 'new',
  cell_type: 'code',
  label: 'new cell after cell 4',
  before: null,
  after: 'x = 1',
  above: null,
  above_after: null,
  type_before: null
};

function card(cells: CellDiff[], more: Partial<Call> = {}) {
  const state = new Scene()
    .say(ALICE, NOW, 'Go on')
    .call(
      'Insert and run a cell',
      NOW,
      { status: 'proposed', effect: 'execute', cells, ...more },
      {}
    )
    .state();
  const call = Object.values(state.calls)[0]!;
  const onDecide = vi.fn();
  const element = (
    <ConfirmationCard
      confirmation={state.confirmations[`${call.call_id}.q`] as Open}
      call={call}
      run={Object.values(state.runs)[0]!}
      reviewers={[]}
      barred={null}
      offers={[]}
      sending={false}
      refusal={null}
      onDecide={onDecide}
      onReview={vi.fn()}
    />
  );
  return {
    call,
    confirmation: state.confirmations[`${call.call_id}.q`] as Open,
    element,
    onDecide
  };
}

/** Lays the effect out as a browser would: so many pixels of it, of which so many are in sight. */
function layOut(total: number, inSight: number): void {
  const sizes = { scrollHeight: total, clientHeight: inSight };
  for (const [name, value] of Object.entries(sizes)) {
    vi.spyOn(Element.prototype, name as 'scrollHeight', 'get').mockImplementation(function (
      this: Element
    ) {
      return !this.classList.contains('jp-Copilot-effect')
        ? 0
        : this.classList.contains('jp-mod-whole')
          ? total
          : value;
    });
  }
}

afterEach(() => vi.restoreAllMocks());

const approve = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Approve' });
const effect = () => screen.getByRole('group', { name: 'What will happen' });

describe('what will run is seen before it is approved', () => {
  test('a short effect can be approved at once', () => {
    layOut(200, 200);
    show(card([CELL]).element);
    expect(approve().disabled).toBe(false);
    expect(screen.queryByText(/There is more/)).toBeNull();
  });

  test('a long one only after it was scrolled to its end, neither by click nor by key', () => {
    layOut(900, 300);
    const { element, onDecide } = card([CELL]);
    show(element);
    expect(approve().disabled).toBe(true);
    fireEvent.keyDown(effect(), { key: 'Enter', ctrlKey: true });
    effect().scrollTop = 500;
    fireEvent.scroll(effect());
    expect(approve().disabled).toBe(true);
    effect().scrollTop = 600;
    fireEvent.scroll(effect());
    expect(approve().disabled).toBe(false);
    effect().scrollTop = 0;
    fireEvent.scroll(effect());
    fireEvent.keyDown(effect(), { key: 'Enter', ctrlKey: true });
    expect(onDecide).toHaveBeenCalledTimes(1);
  });

  test('a long one can be shown in full, without a pointer or a scrolled view', () => {
    layOut(900, 300);
    show(card([CELL]).element);
    fireEvent.click(screen.getByRole('button', { name: 'Show all of it' }));
    act(() => grown.forEach(measure => measure()));
    expect(effect().className).toContain('jp-mod-whole');
    expect(approve().disabled).toBe(false);
  });

  test('it can be denied unseen, and editing it is no way around', () => {
    layOut(900, 300);
    const { element, onDecide } = card([CELL], { args: { source: 'x = 1' } });
    show(element);
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    expect(approve().disabled).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    expect(onDecide).toHaveBeenCalledWith({ option: 'deny', comment: '' });
  });

  test('what grows later has to be seen, too', () => {
    layOut(200, 300);
    show(card([CELL]).element);
    expect(approve().disabled).toBe(false);
    layOut(900, 300);
    act(() => grown.forEach(measure => measure()));
    expect(approve().disabled).toBe(true);
  });

  test('what is in doubt is run again only once it was seen', () => {
    layOut(900, 300);
    const { call, confirmation } = card([CELL]);
    const options = [
      { id: 'again', label: 'Run again', style: 'danger' as const },
      { id: 'leave', label: 'Leave it', style: 'primary' as const }
    ];
    show(
      <InDoubtCard
        call={
          {
            ...call,
            status: 'in_doubt',
            message: 'The server stopped.',
            outputs: []
          } as never as CallDoubtful
        }
        confirmation={{ ...confirmation, kind: 'question', options }}
        barred={null}
        sending={false}
        refusal={null}
        onDecide={vi.fn()}
      />
    );
    expect(effect().textContent).toContain('x = 1');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Run again' }).disabled).toBe(
      true
    );
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Leave it' }).disabled).toBe(
      false
    );
  });
});

describe('what runs is what the card shows', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line_${index} = ${index}`);
  const before = lines.join('\n');
  const edit: CellDiff = { ...CELL, action: 'edit', before, after: `${before}\nprint(1)` };

  test('an edit that runs folds nothing', () => {
    show(card([edit]).element);
    expect(screen.queryByText(/unchanged lines/)).toBeNull();
    lines.forEach(line => expect(effect().textContent).toContain(line));
  });

  test('an edit that does not run folds what stays', () => {
    show(card([edit], { effect: 'edit' }).element);
    expect(screen.getByText(/unchanged lines/)).toBeTruthy();
  });

  test.each(['move', 'retype'] as const)('a cell that runs after a %s is shown', action => {
    const moved: CellDiff = { ...CELL, action, before: 'import os', after: 'import os' };
    show(card([moved, { ...moved, action: 'run' }]).element);
    expect(effect().textContent).toContain('import os');
  });

  test('what hides is written out and warned of, in edits, runs, code and arguments', () => {
    const hidden = 'x = 1\ry\u202e = 2';
    const shown = 'x = 1⟨U+000D⟩\ny⟨U+202E⟩ = 2';
    for (const { element } of [
      card([{ ...CELL, after: hidden }]),
      card([{ ...CELL, action: 'run', before: hidden, after: null }]),
      card([], { preview: { title: 'Run it', cells: [], code: hidden, language: 'python' } })
    ]) {
      const { unmount } = show(element);
      const text = effect().textContent?.replace(/[+]|added: /g, '') ?? '';
      for (const line of shown.replaceAll('+', '').split('\n')) {
        expect(text).toContain(line);
      }
      expect(screen.getByRole('note').textContent).toContain('change the order');
      unmount();
    }
    show(card([], { args: { text: 'a\u202eb' } }).element);
    expect(effect().textContent).toContain('a⟨U+202E⟩b');
  });

  test('what hides is written out while the arguments are edited, too', () => {
    show(card([CELL], { args: { source: 'a\u202eb' } }).element);
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    expect(screen.getByRole('group', { name: 'Code' }).textContent).toBe('a⟨U+202E⟩b');
    expect(screen.getByRole('note').textContent).toContain('change the order');
  });

  test('ordinary code is not warned of', () => {
    show(card([CELL]).element);
    expect(screen.queryByRole('note')).toBeNull();
  });
});
