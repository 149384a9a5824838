/**
 * Locks that people put on cells, exactly as `jupyter_copilot/core/permissions/locks.py` reads them: the tag or the metadata
 * `copilot` says that a cell is not for copilots to change.
 */
import type { Lock } from '../../protocol';

/** The tighter one first. */
const LOCKS: readonly Lock[] = ['locked', 'read-only'];

type Metadata = { readonly [key: string]: unknown };

/** The tightest lock that a cell's metadata says: `copilot: locked`, as a value, within an object, or as a tag. */
export function lockOf(metadata: Metadata): Lock | null {
  let said = metadata['copilot'];
  if (isObject(said) && 'was' in said) {
    said = said['was']; // beneath a stamp of ours
  }
  const given = [isObject(said) ? said['lock'] : said, ...tagged(metadata['tags'])];
  return LOCKS.find(lock => given.includes(lock)) ?? null;
}

function tagged(tags: unknown): string[] {
  const texts = Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
  return texts.flatMap(tag => {
    const colon = tag.indexOf(':');
    const isOurs = colon >= 0 && tag.slice(0, colon).trim() === 'copilot';
    return isOurs ? [tag.slice(colon + 1).trim()] : [];
  });
}

function isObject(value: unknown): value is Metadata {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
