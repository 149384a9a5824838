import { fireEvent, screen } from '@testing-library/react';
import * as React from 'react';
import { beforeEach, expect, test, vi } from 'vitest';

import ServersPage from '../../../src/ui/servers/servers-page';
import type { ServerWish, ToolServer } from '../../../src/view-model/tool-servers';
import { show } from '../page';

const TOOL = {
  name: 'time__now',
  title: 'now',
  description: 'Tells the time.',
  pin: 'p1',
  trusted: false,
  changed: true,
  says_read_only: true
};
const TIME: ToolServer = {
  name: 'time',
  kind: 'stdio',
  state: 'ready',
  problem: '',
  tools: [TOOL],
  log: 'started\n'
};
const DOWN: ToolServer = {
  name: 'docs',
  kind: 'http',
  state: 'failed',
  problem: 'nobody answers',
  tools: [],
  log: ''
};

let servers: ToolServer[];
const ask = vi.fn<(wish?: ServerWish) => Promise<ToolServer[]>>();
const onClose = vi.fn();

beforeEach(() => {
  servers = [DOWN, TIME];
  ask.mockReset().mockImplementation(async () => servers);
  show(<ServersPage ask={ask} onClose={onClose} />);
});

test('each server is shown with its state, its tools, and the end of its log', async () => {
  await screen.findByText('Connected, 1 tool');
  for (const text of ['Not connected', 'nobody answers', 'Tells the time.', 'started']) {
    screen.getByText(text);
  }
  screen.getByText(/describes itself differently/);
  screen.getByText('It says that it only reads.');
});

test('a tool is trusted as it was seen', async () => {
  fireEvent.click(await screen.findByLabelText('Trust now to only read'));
  expect(ask).toHaveBeenLastCalledWith({
    type: 'trust',
    server: 'time',
    tool: 'time__now',
    pin: 'p1',
    trusted: true
  });
});

test('a server is connected anew, and what went wrong is said', async () => {
  const button = await screen.findByRole('button', { name: 'Reconnect docs' });
  ask.mockRejectedValueOnce(new Error('This takes the right to run code.'));
  fireEvent.click(button);
  expect(ask).toHaveBeenLastCalledWith({ type: 'reconnect', server: 'docs' });
  expect((await screen.findByRole('alert')).textContent).toContain('the right to run code');
});

test('without any server people are told who names them', async () => {
  servers = [];
  fireEvent.click(await screen.findByRole('button', { name: 'Reconnect docs' }));
  await screen.findByText(/None are set up/);
  fireEvent.click(screen.getByRole('button', { name: 'Back to the chat' }));
  expect(onClose).toHaveBeenCalledOnce();
});
