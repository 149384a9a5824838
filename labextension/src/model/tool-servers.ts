/** The servers whose tools the copilot has: asked for, trusted, connected anew. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ServerWish, ToolServer } from '../view-model/tool-servers';

/** The servers, after a wish was done if there is one. Rejects with the server's own words. */
export async function toolServers(
  settings: ServerConnection.ISettings,
  wish?: ServerWish
): Promise<ToolServer[]> {
  const url = URLExt.join(settings.baseUrl, 'api/copilot/mcp_servers');
  const init = wish ? { method: 'POST', body: JSON.stringify(wish) } : {};
  const response = await ServerConnection.makeRequest(url, init, settings);
  const told = (await response.json().catch(() => ({}))) as {
    servers?: ToolServer[];
    message?: string;
    hint?: string;
  };
  if (!response.ok || !told.servers) {
    throw new Error(`${told.message ?? response.statusText} ${told.hint ?? ''}`.trim());
  }
  return told.servers;
}
