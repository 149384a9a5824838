/** What waits for a person in any notebook of the server, as `GET api/copilot/inbox` answers it. */
export interface InboxItem {
  readonly kind: 'decision' | 'mention';
  /** The id of the confirmation or of the message. */
  readonly about: string;
  readonly path: string;
  readonly thread_id: string;
  readonly title: string;
  readonly by: string;
  /** When it came about, in unix ms. */
  readonly at: number;
  /** Whether this person may decide it. */
  readonly yours: boolean;
  /** Whether it came of what this person asked, or is for them by name or group. */
  readonly concerns: boolean;
}

/** A notebook's name as people know it. */
export function notebookName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.ipynb$/, '');
}

/** What concerns this person in other notebooks than this one, oldest first. */
export function elsewhere(items: readonly InboxItem[], path: string | null): InboxItem[] {
  return items.filter(item => item.concerns && item.path !== path);
}
