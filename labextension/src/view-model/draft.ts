import type { Attachment } from './attachments';

/** What is being written in a thread. */
export interface Draft {
  text: string;
  attachments: Attachment[];
}

export const EMPTY_DRAFT: Draft = { text: '', attachments: [] };
