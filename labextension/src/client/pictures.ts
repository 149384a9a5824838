import { ServerConnection } from '@jupyterlab/services';

import { roomUrl } from './urls';

/**
 * A picture that a record names by its digest, as base64; null when the room does not keep it any longer. Rejects when
 * the server does not answer.
 */
export async function fetchPicture(
  settings: ServerConnection.ISettings,
  path: string,
  digest: string
): Promise<string | null> {
  const url = `${roomUrl(settings.baseUrl, path, 'pictures')}/${encodeURIComponent(digest)}`;
  const response = await ServerConnection.makeRequest(url, {}, settings);
  if (response.status === 404) {
    return null;
  }
  if (!response.ok) {
    throw new Error(`The picture could not be loaded: ${response.status}.`);
  }
  return base64(new Uint8Array(await response.arrayBuffer()));
}

/** Some bytes at a time, as a call takes only so many arguments. */
const CHUNK = 0x8000;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}
