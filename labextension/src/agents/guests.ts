/** Letting agents from outside in, over REST: the answer tells a guest's token, once. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { roomUrl } from '../client/urls';

/** An outside agent, and the lines that connect it, with `{url}` and `{token}` where those belong. */
export interface AgentClient {
  id: string;
  name: string;
  kind: 'shell' | 'file';
  text: string;
  where: string;
}

/** What the server tells of a guest that it has let in. */
export interface Admitted {
  guest_id: string;
  token: string;
  address: string;
  expires_at: number;
  clients: AgentClient[];
}

/** How a guest is to be called, and what it may do. */
export interface Wanted {
  name: string;
  scope: 'read' | 'propose';
}

/** Let a guest into a notebook's room. Throws an error that says why not. */
export async function admit(
  settings: ServerConnection.ISettings,
  path: string,
  wanted: Wanted
): Promise<Admitted> {
  const request = { method: 'POST', body: JSON.stringify(wanted) };
  const url = roomUrl(settings.baseUrl, path, 'guests');
  const response = await ServerConnection.makeRequest(url, request, settings);
  const told: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const message = told !== null && typeof told === 'object' && 'message' in told && told.message;
    throw new Error(typeof message === 'string' ? message : response.statusText);
  }
  return told as Admitted;
}

/** The lines of an agent for a guest, at the address under which this page knows the server. */
export function linesOf(client: AgentClient, admitted: Admitted, baseUrl: string): string {
  const url = URLExt.join(baseUrl, admitted.address);
  return client.text.split('{url}').join(url).split('{token}').join(admitted.token);
}
