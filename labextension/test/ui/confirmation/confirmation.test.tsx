import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { describe, expect, test, vi } from 'vitest';

import {
  ConfirmationCard,
  type ConfirmationCardProps
} from '../../../src/ui/confirmation/confirmation';
import type { Open } from '../../../src/protocol';
import { ALICE, NOW, Scene } from '../../../gallery/fixtures';
import { show } from '../page';

const SOURCE = { type: 'object', properties: { source: { type: 'string' } }, required: ['source'] };

function props(more: Partial<Open> = {}): ConfirmationCardProps {
  const state = new Scene()
    .say(ALICE, NOW, 'Fix it')
    .call('Edit cell 4', NOW, { status: 'proposed', effect: 'edit', args: { source: 'x = 1' } }, {
      expires_at: NOW + 9 * 60_000,
      schema: SOURCE,
      ...more
    } as Partial<Open>)
    .state();
  const call = Object.values(state.calls)[0]!;
  return {
    confirmation: state.confirmations[`${call.call_id}.q`] as Open,
    call,
    run: Object.values(state.runs)[0]!,
    reviewers: [],
    barred: null,
    offers: [],
    sending: false,
    refusal: null,
    onDecide: vi.fn(),
    onReview: vi.fn()
  };
}

function question(schema: object): ConfirmationCardProps {
  return {
    ...props({
      kind: 'question',
      schema: schema as never,
      options: [
        { id: 'answer', label: 'Answer', style: 'primary' },
        { id: 'skip', label: 'Skip', style: 'plain' }
      ]
    }),
    call: null
  };
}

const approve = () => screen.getByRole('button', { name: 'Approve' });

describe('a confirmation', () => {
  test('offers to edit nothing where there is nothing that could be edited', () => {
    show(<ConfirmationCard {...props({ schema: { type: 'object', properties: {} } })} />);
    expect(approve()).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull();
  });

  test('says in one line what will happen, who asked, who looks at it and how long it is open', () => {
    show(<ConfirmationCard {...props()} reviewers={['Bob']} />);
    expect(screen.getByRole('heading').textContent).toBe('Edit cell 4');
    expect(screen.getByText('requested by Alice · Bob is reviewing · 9 min left')).toBeTruthy();
  });

  test('says that code tried to decide it', () => {
    const kernel = { kind: 'kernel', id: 'k', name: 'Kernel of a.ipynb' } as never;
    show(<ConfirmationCard {...props({ tried_by: kernel })} />);
    const words = 'Code in “Kernel of a.ipynb” tried to decide this by itself. It was refused.';
    expect(screen.getByText(words)).toBeTruthy();
  });

  test('takes no focus when it appears', () => {
    show(<ConfirmationCard {...props()} />);
    expect(document.activeElement).toBe(document.body);
  });

  test('is approved by a click', () => {
    const given = props();
    show(<ConfirmationCard {...given} />);
    fireEvent.click(approve());
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({ option: 'approve', comment: '' });
  });

  test.each(['Enter', ' '])(
    'is not approved by the key "%s" alone, and says which keys do',
    key => {
      const given = props();
      show(<ConfirmationCard {...given} />);
      const event = fireEvent.keyDown(approve(), { key });
      expect(event).toBe(false); // the browser's own click is prevented
      expect(given.onDecide).not.toHaveBeenCalled();
      expect(screen.getByRole('status').textContent).toMatch(/Press .⏎ to choose this/);
    }
  );

  test.each([{ ctrlKey: true }, { metaKey: true }])('is approved by Enter with %o', modifier => {
    const given = props();
    const { container } = show(<ConfirmationCard {...given} />);
    fireEvent.keyDown(container.querySelector('article')!, { key: 'Enter', ...modifier });
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({ option: 'approve', comment: '' });
  });

  test('is denied with a reason, which Enter sends', () => {
    const given = props();
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    const reason = screen.getByRole('textbox');
    expect(document.activeElement).toBe(reason);
    fireEvent.change(reason, { target: { value: ' still needed ' } });
    fireEvent.keyDown(reason, { key: 'Enter' });
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({
      option: 'deny',
      comment: 'still needed'
    });
  });

  test('is not approved by the approving keys while a reason to deny is written', () => {
    const given = props();
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Enter', ctrlKey: true });
    expect(given.onDecide).not.toHaveBeenCalledWith(expect.objectContaining({ option: 'approve' }));
  });

  test('Escape leads back from denying', () => {
    show(<ConfirmationCard {...props()} />);
    fireEvent.click(screen.getByRole('button', { name: 'Deny' }));
    fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Escape' });
    expect(approve()).toBeTruthy();
  });

  test('carries edited arguments', () => {
    const given = props();
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    fireEvent.change(screen.getByLabelText('Source'), { target: { value: 'x = 2' } });
    fireEvent.click(approve());
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({
      option: 'approve',
      comment: '',
      edited_args: { source: 'x = 2' }
    });
  });

  test('forgets an edit that was undone', () => {
    const given = props();
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }));
    fireEvent.change(screen.getByLabelText('Source'), { target: { value: 'x = 2' } });
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    fireEvent.click(approve());
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({ option: 'approve', comment: '' });
  });

  test('offers nothing to somebody who may not decide, and says so', () => {
    show(<ConfirmationCard {...props()} barred="You may watch." />);
    expect(screen.queryByRole('button', { name: /Approve|Deny/ })).toBeNull();
    expect(screen.getByText('You may watch.')).toBeTruthy();
  });

  test('decides once: nothing can be clicked while a decision is on its way', () => {
    const given = { ...props(), sending: true };
    const { container } = show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Sending…' }));
    fireEvent.keyDown(container.querySelector('article')!, { key: 'Enter', ctrlKey: true });
    expect(given.onDecide).not.toHaveBeenCalled();
  });

  test('tells the others who looks at it', () => {
    const given = props();
    const { container } = show(<ConfirmationCard {...given} />);
    fireEvent.mouseEnter(container.querySelector('article')!);
    fireEvent.mouseLeave(container.querySelector('article')!);
    expect(vi.mocked(given.onReview).mock.calls).toEqual([[true], [false]]);
  });
});

describe('a question', () => {
  const SCHEMA = {
    type: 'object',
    properties: {
      how: { type: 'string', enum: ['Median', 'Mean'], default: 'Median' },
      rows: { type: 'integer', minimum: 1 }
    },
    required: ['how', 'rows']
  };

  test('is answered with the values of its form', () => {
    const given = question(SCHEMA);
    show(<ConfirmationCard {...given} />);
    fireEvent.change(screen.getByLabelText('How'), { target: { value: '1' } });
    fireEvent.change(screen.getByLabelText('Rows'), { target: { value: '3' } });
    fireEvent.click(screen.getByRole('button', { name: 'Answer' }));
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({
      option: 'answer',
      comment: '',
      value: { how: 'Mean', rows: 3 }
    });
  });

  test('is not answered while something is missing, and says what', () => {
    const given = question(SCHEMA);
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'Answer' }));
    expect(given.onDecide).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toBe('Please fill this in');
    expect(screen.getByLabelText('Rows').getAttribute('aria-invalid')).toBe('true');
  });

  test('can be answered in words instead', () => {
    const given = question(SCHEMA);
    show(<ConfirmationCard {...given} />);
    fireEvent.click(screen.getByRole('button', { name: 'or reply in text' }));
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'Whatever is usual.' } });
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(given.onDecide).toHaveBeenCalledExactlyOnceWith({
      option: 'skip',
      comment: 'Whatever is usual.'
    });
  });
});
