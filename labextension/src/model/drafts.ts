import { type Draft, EMPTY_DRAFT } from '../view-model/draft';

const PREFIX = 'jupyter-collaborative-copilot:draft:';

/** What is being written in each thread, kept when the page is reloaded. Pictures are kept only while it lives. */
export class Drafts {
  private readonly open = new Map<string, Draft>();

  /** Without a storage they live only as long as the page. */
  constructor(private readonly storage: Storage | null) {}

  get(path: string, threadId: string): Draft {
    const key = keyOf(path, threadId);
    return this.open.get(key) ?? this.read(key);
  }

  set(path: string, threadId: string, draft: Draft): void {
    const key = keyOf(path, threadId);
    this.open.set(key, draft);
    try {
      if (draft.text === '') {
        this.storage?.removeItem(key);
      } else {
        this.storage?.setItem(key, draft.text);
      }
    } catch {
      // A full or forbidden storage only means that the draft lives as long as the page.
    }
  }

  private read(key: string): Draft {
    try {
      const text = this.storage?.getItem(key) ?? null;
      return text === null ? EMPTY_DRAFT : { text, attachments: [] };
    } catch {
      return EMPTY_DRAFT;
    }
  }
}

function keyOf(path: string, threadId: string): string {
  return `${PREFIX}${path}:${threadId}`;
}
