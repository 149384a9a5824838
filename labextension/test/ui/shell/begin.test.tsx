import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test, vi } from 'vitest';

import { Begin } from '../../../src/ui/shell/begin';
import { FirstUse } from '../../../src/ui/shell/empty';
import { show } from '../page';

const KERNELS = [
  { name: 'python3', label: 'Python 3' },
  { name: 'ir', label: 'R' }
];

function wish(onBegin: (wish: string, kernel: string) => Promise<void>): HTMLElement {
  show(<Begin kernels={KERNELS} onBegin={onBegin} />);
  const field = screen.getByRole('textbox', { name: 'What the new notebook is for' });
  fireEvent.change(field, { target: { value: ' Compare these two files ' } });
  return field;
}

test('without a notebook a wish opens one, with a kernel of choice', () => {
  const onBegin = vi.fn(async () => undefined);
  const field = wish(onBegin);
  fireEvent.change(screen.getByRole('combobox'), { target: { value: 'ir' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(onBegin).toHaveBeenCalledExactlyOnceWith('Compare these two files', 'ir');
  expect(screen.getByRole('img', { name: 'Opening…' })).toBeTruthy();
});

test('a wish that could not be begun stays, and the reason is told', async () => {
  const field = wish(() => Promise.reject(new Error('There is no room on the disk.')));
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect((await screen.findByRole('alert')).textContent).toBe('There is no room on the disk.');
  expect(field).toHaveProperty('value', ' Compare these two files ');
});

test('a bare notebook is one click away', async () => {
  const onBegin = vi.fn(async () => undefined);
  show(<Begin kernels={KERNELS} onBegin={onBegin} />);
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'New notebook' })));
  expect(onBegin).toHaveBeenCalledExactlyOnceWith('', 'python3');
});

test('a card is asked with one click', () => {
  const onExample = vi.fn();
  show(
    <FirstUse examples={['Plot `df`']} demo={false} onExample={onExample} onConnect={vi.fn()} />
  );
  fireEvent.click(screen.getByRole('button', { name: 'Plot df' }));
  expect(onExample).toHaveBeenCalledExactlyOnceWith('Plot `df`');
});
