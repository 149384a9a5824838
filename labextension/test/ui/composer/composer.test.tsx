import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Composer, type ComposerProps } from '../../../src/ui/composer/composer';
import { type Draft, EMPTY_DRAFT } from '../../../src/view-model/draft';
import { show } from '../page';

const CELL = { kind: 'cell', cellId: 'c4', label: 'cell 4', source: 'x' } as const;

let last: Draft;
const onSend = vi.fn();
const onTyping = vi.fn();

function Live(props: Partial<ComposerProps>): JSX.Element {
  const [draft, setDraft] = React.useState(props.draft ?? EMPTY_DRAFT);
  last = draft;
  return (
    <Composer
      onSend={onSend}
      onTyping={onTyping}
      suggest={async mark =>
        mark === '@'
          ? [
              { kind: 'cell', label: 'cell 4', detail: 'x', attachment: CELL },
              { kind: 'variable', label: 'df', detail: 'DataFrame' }
            ]
          : [{ kind: 'command', label: '/explain', detail: '', text: 'Explain it.' }]
      }
      history={() => ['second', 'first']}
      typing={[]}
      sendWith="enter"
      barred={null}
      {...props}
      draft={draft}
      onDraft={setDraft}
    >
      {null}
    </Composer>
  );
}

const field = () => screen.getByRole<HTMLTextAreaElement>('combobox');

function type(text: string): void {
  fireEvent.change(field(), { target: { value: text, selectionStart: text.length } });
}

beforeEach(() => {
  onSend.mockClear();
  onTyping.mockClear();
});

describe('the composer', () => {
  test('sends with Enter, and begins a new line with Shift and Enter', () => {
    show(<Live />);
    type('Hello');
    expect(fireEvent.keyDown(field(), { key: 'Enter', shiftKey: true })).toBe(true);
    expect(onSend).not.toHaveBeenCalled();
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(onSend).toHaveBeenCalledExactlyOnceWith({ text: 'Hello', attachments: [] });
  });

  test('with the other setting Enter begins a new line, and a modifier sends', () => {
    show(<Live sendWith="modifier" />);
    type('Hello');
    expect(fireEvent.keyDown(field(), { key: 'Enter' })).toBe(true);
    expect(onSend).not.toHaveBeenCalled();
    fireEvent.keyDown(field(), { key: 'Enter', ctrlKey: true });
    expect(onSend).toHaveBeenCalledOnce();
  });

  test('sends nothing empty, and nothing while it is barred', () => {
    const { unmount } = show(<Live />);
    type('   ');
    fireEvent.keyDown(field(), { key: 'Enter' });
    unmount();
    show(<Live draft={{ text: 'Hello', attachments: [] }} barred="You may watch." />);
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
  });

  test('does not send while an input method composes', () => {
    show(<Live />);
    type('こん');
    fireEvent.keyDown(field(), { key: 'Enter', isComposing: true });
    expect(onSend).not.toHaveBeenCalled();
  });

  test('goes back to earlier messages and forth to what was being written', () => {
    show(<Live />);
    fireEvent.keyDown(field(), { key: 'ArrowUp' });
    expect(field().value).toBe('second');
    field().setSelectionRange(0, 0);
    fireEvent.keyDown(field(), { key: 'ArrowUp' });
    expect(field().value).toBe('first');
    fireEvent.keyDown(field(), { key: 'ArrowDown' });
    fireEvent.keyDown(field(), { key: 'ArrowDown' });
    expect(field().value).toBe('');
  });

  test('leaves the arrow keys to a text that was begun', () => {
    show(<Live />);
    type('one\ntwo');
    fireEvent.keyDown(field(), { key: 'ArrowUp' });
    expect(field().value).toBe('one\ntwo');
  });

  test('completes a mention, attaches what it names, and does not send with the same Enter', async () => {
    show(<Live />);
    type('Look at @cel');
    await waitFor(() => screen.getByRole('listbox'));
    expect(screen.getAllByRole('option')).toHaveLength(1);
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(last).toEqual({ text: 'Look at cell 4 ', attachments: [CELL] });
    expect(onSend).not.toHaveBeenCalled();
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  test('Escape closes the suggestions and keeps the text', async () => {
    show(<Live />);
    type('@');
    await waitFor(() => screen.getByRole('listbox'));
    fireEvent.keyDown(field(), { key: 'Escape' });
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(last.text).toBe('@');
  });

  test('puts the text of a command in its place', async () => {
    show(<Live />);
    type('/ex');
    await waitFor(() => screen.getByRole('listbox'));
    fireEvent.keyDown(field(), { key: 'Tab' });
    expect(last.text).toBe('Explain it. ');
  });

  test('takes an attachment off again', () => {
    show(<Live draft={{ text: '', attachments: [CELL] }} />);
    fireEvent.click(screen.getByRole('button', { name: 'Remove cell 4' }));
    expect(last.attachments).toEqual([]);
  });

  test('attaches a pasted picture, and refuses one that is too large in words', async () => {
    show(<Live />);
    const paste = (file: File) => fireEvent.paste(field(), { clipboardData: { files: [file] } });
    const small = new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' });
    paste(small);
    await waitFor(() => expect(last.attachments).toHaveLength(1));
    expect(last.attachments[0]).toMatchObject({ image: { mime: 'image/png', data: 'AQID' } });
    paste(new File([new Uint8Array(600_000)], 'big.png', { type: 'image/png' }));
    await waitFor(() =>
      expect(screen.getByRole('alert').textContent).toContain('big.png is too large')
    );
    expect(last.attachments).toHaveLength(1);
  });

  test('tells that somebody types, once, and that they stopped when they sent', () => {
    show(<Live />);
    type('H');
    type('He');
    fireEvent.keyDown(field(), { key: 'Enter' });
    expect(onTyping.mock.calls).toEqual([[true], [false]]);
  });

  test('names those who are typing', () => {
    show(<Live typing={['Alice', 'Bob']} />);
    expect(screen.getByText('Alice and Bob are typing…')).toBeTruthy();
  });
});
