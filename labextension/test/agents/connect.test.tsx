import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { showConnect } from '../../src/agents/connect';
import { admit, linesOf } from '../../src/agents/guests';
import type { RoomView } from '../../src/model/room-view';

const trans = nullTranslator.load('jupyter_copilot');
const settings = ServerConnection.makeSettings({ baseUrl: 'http://localhost/base/' });
const CLIENT = { id: 'claude', name: 'Claude Code', kind: 'shell', where: '' } as const;
const TOLD = {
  guest_id: 'g1',
  token: 'jcg_secret',
  address: 'api/copilot/mcp/one.ipynb',
  expires_at: 0,
  clients: [
    { ...CLIENT, text: 'claude "{url}" "{token}"' },
    { ...CLIENT, id: 'other', name: 'Others', kind: 'file' as const, where: 'a file', text: '{}' }
  ]
};

function answering(status: number, body: unknown) {
  const response = new Response(JSON.stringify(body), { status });
  return vi.spyOn(ServerConnection, 'makeRequest').mockResolvedValue(response);
}

// jsdom has none, and JupyterLab draws when the page is idle.
beforeEach(() => {
  vi.stubGlobal('requestIdleCallback', (draw: () => void) => setTimeout(draw));
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

test('a guest is let in by one request, which names no token', async () => {
  const request = answering(201, TOLD);
  const told = await admit(settings, 'RTC:one.ipynb', { name: 'Claude Code', scope: 'read' });
  expect(told.token).toBe('jcg_secret');
  const [url, init] = request.mock.calls[0]!;
  expect(url).toBe('http://localhost/base/api/copilot/notebooks/one.ipynb/guests');
  expect(JSON.parse(String(init.body))).toEqual({ name: 'Claude Code', scope: 'read' });
});

test('why not is said in the server’s own words', async () => {
  answering(409, { type: 'reject', message: 'A notebook has at most 20 guests.' });
  const wanted = { name: 'x', scope: 'propose' } as const;
  await expect(admit(settings, 'one.ipynb', wanted)).rejects.toThrow('at most 20 guests');
});

test('the lines have the address under which the page knows the server', () => {
  expect(linesOf(TOLD.clients[0]!, TOLD, 'https://hub/user/ann/')).toBe(
    'claude "https://hub/user/ann/api/copilot/mcp/one.ipynb" "jcg_secret"'
  );
});

test('people see who may come in, send one away, and get the lines of the agent that they let in', async () => {
  const request = answering(201, TOLD);
  const guest = {
    guest_id: 'g0',
    name: 'Codex',
    admitted_by: { name: 'Bob' },
    used_at: null,
    expires_at: 1
  };
  const model = { path: 'one.ipynb', state: { guests: { g0: guest } } };
  const room = { model: { ...model, stateChanged: new Signal(model) }, act: vi.fn() };
  const shown = showConnect(room as unknown as RoomView, settings, trans);
  await waitFor(() => screen.getByText(/Codex, guest of Bob: never used/));
  fireEvent.click(screen.getByText('Disconnect'));
  expect(room.act).toHaveBeenCalledWith({ type: 'revoke_guest', guest_id: 'g0' });
  act(() => {
    fireEvent.change(screen.getByLabelText('Name'), { target: { value: ' ' } });
  });
  fireEvent.click(screen.getByText('Connect'));
  await waitFor(() => screen.getByText(/jcg_secret/));
  expect(JSON.parse(String(request.mock.calls[0]![1].body))).toMatchObject({ name: 'Agent' });
  fireEvent.change(screen.getByLabelText('Agent'), { target: { value: 'other' } });
  await waitFor(() => screen.getByText('In a file:'));
  fireEvent.click(screen.getByText('Done'));
  await shown;
});
