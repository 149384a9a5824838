import { ServerConnection } from '@jupyterlab/services';

import { roomUrl } from './urls';

/**
 * What the cells of a notebook are called whose file has no ids, by their versions in order; `ids` are told when this
 * page knows them, and are everybody's from then on. Rejects when the server does not answer.
 */
export async function agreeOnIds(
  settings: ServerConnection.ISettings,
  path: string,
  versions: readonly string[],
  ids: readonly string[] | null
): Promise<readonly string[]> {
  const url = roomUrl(settings.baseUrl, path, 'cell_ids');
  const request = { method: 'POST', body: JSON.stringify({ versions, ids }) };
  const response = await ServerConnection.makeRequest(url, request, settings);
  if (!response.ok) {
    throw new Error(`The ids of the cells could not be loaded: ${response.status}.`);
  }
  return ((await response.json()) as { ids: readonly string[] }).ids;
}
