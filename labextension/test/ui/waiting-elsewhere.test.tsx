import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { afterEach, expect, test, vi } from 'vitest';

import WaitingElsewhere from '../../src/ui/inbox/waiting-elsewhere';
import { ServicesProvider } from '../../src/ui/shared/services';
import { elsewhere, type InboxItem } from '../../src/view-model/told/inbox';

afterEach(cleanup);

const item = (about: string, path: string, more: Partial<InboxItem> = {}): InboxItem => ({
  kind: 'decision',
  about,
  path,
  thread_id: 'main',
  title: 'Run cell 3',
  by: 'Copilot',
  at: 1,
  yours: true,
  concerns: true,
  ...more
});

function shown(all: InboxItem[], path = 'here.ipynb') {
  const onGo = vi.fn();
  const services = { trans: nullTranslator.load('x') } as never;
  render(
    <ServicesProvider value={services}>
      <WaitingElsewhere concerning={elsewhere(all, path)} all={all} onGo={onGo} />
    </ServicesProvider>
  );
  return onGo;
}

test('the bar says how much waits where, and leads there', () => {
  const wanted = item('q1', 'work/Cleaning.ipynb');
  const onGo = shown([item('q0', 'here.ipynb'), wanted]);
  expect(screen.getByRole('status').textContent).toContain('1 decision waits in Cleaning');
  fireEvent.click(screen.getByRole('button', { name: 'Go there' }));
  expect(onGo).toHaveBeenCalledWith(wanted);
});

test('what is for others does not make a bar, but stands in the inbox', () => {
  const others = item('q2', 'b.ipynb', { yours: false, concerns: false });
  shown([others]);
  expect(screen.queryByRole('status')).toBeNull();
});

test('the bar unfolds to all that waits on the server', () => {
  const mention = item('m1', 'a.ipynb', { kind: 'mention', title: 'Anna mentioned you' });
  const others = item('q2', 'b.ipynb', { yours: false, concerns: false });
  const onGo = shown([mention, others]);
  fireEvent.click(screen.getByRole('button', { name: 'Anna mentioned you in a' }));
  expect(screen.getAllByRole('listitem')).toHaveLength(2);
  fireEvent.click(screen.getByRole('button', { name: /for others to decide/ }));
  expect(onGo).toHaveBeenCalledWith(others);
});
