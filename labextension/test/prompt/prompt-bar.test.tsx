import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test, vi } from 'vitest';

import { type Asked, askedOf } from '../../src/prompt/asked';
import { PromptBar } from '../../src/prompt/prompt-bar';
import { ALICE, NOW, Scene } from '../../gallery/fixtures';
import { show } from '../ui/page';

const EDIT = { effect: 'edit', cells: [] };
const asked = (scene: Scene) => askedOf(scene.state(), 'm1');
const said = (run: object = {}) => new Scene().say(ALICE, NOW, 'Colours!', run);

test('what was asked is followed from the sending to what became of it', () => {
  expect(askedOf(null, 'm1')).toEqual({ kind: 'sending' });
  expect(asked(new Scene().say(ALICE, NOW, 'x', null))).toEqual({ kind: 'sending' });
  expect(asked(said())).toEqual({ kind: 'working', runId: 'm1.r1' });
  expect(asked(said().call('Edit cell 1', NOW, { ...EDIT, status: 'proposed' }, {}))).toEqual({
    kind: 'waiting',
    runId: 'm1.r1'
  });
  const over = { status: 'finished' };
  expect(
    asked(
      said(over)
        .answer(NOW, 'First.')
        .answer(NOW + 9, 'No need.')
    )
  ).toEqual({
    kind: 'done',
    runId: 'm1.r1',
    text: 'No need.',
    changed: false
  });
  expect(asked(said(over).call('Edit cell 1', NOW, EDIT))).toMatchObject({ changed: true });
  expect(asked(said(over).call('Edit cell 1', NOW, { ...EDIT, denied: true }))).toMatchObject({
    changed: false
  });
  const error = { code: 'x', message: 'No model.', hint: 'Connect one.' };
  expect(asked(said({ ...over, error }))).toMatchObject({ text: 'No model. Connect one.' });
});

function bar(words: string | null, asked: Asked = { kind: 'sending' }) {
  const acts = {
    onSend: vi.fn(),
    onStop: vi.fn(),
    onAgain: vi.fn(),
    onSidebar: vi.fn(),
    onClose: vi.fn()
  };
  show(<PromptBar cell="cell 3" words={words} asked={asked} {...acts} />);
  return acts;
}

test('Enter sends what was written, Shift and Enter begin a line, Escape leaves', () => {
  const { onSend, onClose } = bar(null);
  const field = screen.getByRole('textbox');
  expect(document.activeElement).toBe(field);
  fireEvent.keyDown(field, { key: 'Enter' });
  fireEvent.change(field, { target: { value: ' Colours! ' } });
  fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
  expect(onSend).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(onSend).toHaveBeenCalledExactlyOnceWith('Colours!');
  fireEvent.keyDown(field, { key: 'Escape' });
  expect(onClose).toHaveBeenCalledOnce();
});

test('what is being written can be stopped, and what is there be tried again', () => {
  const working = bar('Colours!', { kind: 'working', runId: 'r' });
  fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
  expect(working.onStop).toHaveBeenCalledOnce();
  const done = bar('More!', { kind: 'done', runId: 'r', text: 'No need.', changed: false });
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(done.onAgain).toHaveBeenCalledOnce();
  expect(screen.getByText('Nothing was changed')).toBeTruthy();
});
