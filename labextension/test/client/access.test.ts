import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';
import { diagnose } from '../../src/client/access';

function answering(answers: { [path: string]: [number, string?] }) {
  return vi.fn(async (request: RequestInfo | URL) => {
    const url = new URL((request as Request).url);
    const [status, body = '{}'] = answers[url.pathname] ?? [500];
    return new Response(body, { status });
  });
}

function settingsWith(fetch: typeof globalThis.fetch) {
  return ServerConnection.makeSettings({
    baseUrl: 'http://hub:8000/user/anna/',
    wsUrl: 'ws://hub:8000/user/anna/',
    token: 'secret',
    appendToken: true,
    fetch
  });
}

describe('asking why a connection does not open', () => {
  const RECORDS = '/user/anna/api/copilot/notebooks/a.ipynb/records';
  const ME = '/user/anna/api/me';

  it.each([
    ['nothing is wrong', { [RECORDS]: [200] }, null],
    ['the server is ill', { [RECORDS]: [503] }, null],
    ['nobody is signed in', { [RECORDS]: [401] }, { code: 4100 }],
    ['the sign-in ran out', { [RECORDS]: [403], [ME]: [403] }, { code: 4100 }],
    [
      'this person may not',
      { [RECORDS]: [403, '{"message": "You may not."}'], [ME]: [200] },
      { code: 4001, reason: 'You may not.' }
    ],
    [
      'there is no such notebook',
      { [RECORDS]: [404, '{"message": "There is no notebook."}'] },
      { code: 4004, reason: 'There is no notebook.' }
    ],
    [
      'the extension is missing',
      { [RECORDS]: [404, '<html>'] },
      { code: 4004, reason: /enabled on it/ }
    ]
  ] as [string, { [path: string]: [number, string?] }, object | null][])(
    'tells when %s',
    async (_, answers, expected) => {
      const refusal = await diagnose(settingsWith(answering(answers)), 'a.ipynb');
      if (expected === null) {
        expect(refusal).toBeNull();
      } else {
        expect(refusal).toMatchObject(expected);
      }
    }
  );

  it('carries the token in a header, never in the address', async () => {
    const fetch = answering({ [RECORDS]: [200] });
    await diagnose(settingsWith(fetch), 'a.ipynb');
    const request = fetch.mock.calls[0]?.[0] as Request;
    expect(request.headers.get('Authorization')).toBe('token secret');
    expect(request.url).not.toContain('secret');
  });
});
