import { ServerConnection } from '@jupyterlab/services';

import type { LogRecord } from '../protocol';
import { roomUrl } from './urls';

/** A page of a room's record. */
export interface RecordsPage {
  readonly log: string;
  readonly head: number;
  /** Up to here deltas were merged, so that seqs may skip. */
  readonly floor: number;
  readonly records: readonly LogRecord[];
}

/** The records after `after`, as many as the server gives at once. Rejects when it does not answer. */
export async function fetchRecords(
  settings: ServerConnection.ISettings,
  path: string,
  after: number
): Promise<RecordsPage> {
  const url = `${roomUrl(settings.baseUrl, path, 'records')}?after=${after}`;
  const response = await ServerConnection.makeRequest(url, {}, settings);
  if (!response.ok) {
    throw new Error(`The record could not be loaded: ${response.status}.`);
  }
  return (await response.json()) as RecordsPage;
}
