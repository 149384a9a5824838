import { ServerConnection } from '@jupyterlab/services';

import type { CellAction } from '../protocol';
import { roomUrl } from './urls';

/** What one call did to one cell, as the server's log has it; times are unix ms. */
export interface CellWork {
  readonly cell_id: string;
  readonly label: string;
  readonly action: CellAction;
  readonly at: number;
  readonly agent: string;
  readonly requested_by: string;
  readonly allowed: 'person' | 'rule' | 'mode';
  readonly allowed_by: string;
  readonly edited: boolean;
  readonly outcome: 'running' | 'done' | 'failed' | 'unknown';
  readonly undone_by: string;
  readonly call_id: string;
}

/** All that agents did to the cells of a notebook, oldest first. Rejects when the server does not answer. */
export async function changesOf(
  settings: ServerConnection.ISettings,
  path: string
): Promise<readonly CellWork[]> {
  const url = roomUrl(settings.baseUrl, path, 'changes');
  const response = await ServerConnection.makeRequest(url, {}, settings);
  if (!response.ok) {
    throw new ServerConnection.ResponseError(response);
  }
  return ((await response.json()) as { changes: readonly CellWork[] }).changes;
}

/** Where the same is as CSV. */
export function changesCsv(settings: ServerConnection.ISettings, path: string): string {
  return `${roomUrl(settings.baseUrl, path, 'changes')}?format=csv`;
}
