/**
 * Why a WebSocket could not be opened. A browser does not tell a page, so the page asks the same over HTTP.
 *
 * The requests carry the server's token in their header where the page has one. Jupyter's own address sets its cookie
 * for that, which the next WebSocket sends. So a token is never part of an address.
 */
import { ServerConnection } from '@jupyterlab/services';
import { URLExt } from '@jupyterlab/coreutils';
import { CLOSE_FORBIDDEN, CLOSE_NOT_FOUND, CLOSE_REAUTH } from '../protocol';
import type { CloseReason } from './socket';
import { roomUrl } from './urls';

/** More than any room has: the answer holds no records. */
const NO_RECORDS = '?after=999999999999&limit=1';

/** What keeps this page from the notebook's room; null when nothing does, or when the network is the matter. */
export async function diagnose(
  settings: ServerConnection.ISettings,
  path: string
): Promise<CloseReason | null> {
  const url = roomUrl(settings.baseUrl, path, 'records') + NO_RECORDS;
  const response = await ServerConnection.makeRequest(url, {}, settings);
  switch (response.status) {
    case 401:
      return signedOut;
    case 403:
      return (await isSignedIn(settings))
        ? { code: CLOSE_FORBIDDEN, reason: await messageOf(response) }
        : signedOut;
    case 404:
      return { code: CLOSE_NOT_FOUND, reason: await messageOf(response) };
    default:
      await isSignedIn(settings);
      return null;
  }
}

const signedOut: CloseReason = { code: CLOSE_REAUTH, reason: 'You are signed out.' };

async function isSignedIn(settings: ServerConnection.ISettings): Promise<boolean> {
  const url = URLExt.join(settings.baseUrl, 'api/me');
  return (await ServerConnection.makeRequest(url, {}, settings)).ok;
}

async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const message = body !== null && typeof body === 'object' && 'message' in body && body.message;
  return typeof message === 'string' && message !== ''
    ? message
    : 'The server has no copilot here. Is jupyter-collaborative-copilot enabled on it?';
}
