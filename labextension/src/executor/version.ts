import { sha256Hex } from './sha256';

/** The version of a cell: a short digest of its type and source, the same as the server's. */
export function versionOf(source: string, cellType: string): string {
  return sha256Hex(new TextEncoder().encode(`${cellType}\n${source}`)).slice(0, 12);
}
