import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The version of a cell: a short digest of its type and source, the same as the server's.
 *
 * Not by the browser's own SHA-256, which is missing on pages that are served by plain HTTP, and cannot be had at once: a
 * version is compared and acted on in one go.
 */
export function versionOf(source: string, cellType: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${cellType}\n${source}`))).slice(0, 12);
}
