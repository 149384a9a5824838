import { beforeEach, describe, expect, test } from 'vitest';

import { Drafts } from '../../src/model/drafts';

const DRAFT = { text: 'unfinished', attachments: [] };

describe('drafts', () => {
  beforeEach(() => localStorage.clear());

  test('are kept for each thread of each notebook', () => {
    const drafts = new Drafts(localStorage);
    drafts.set('a.ipynb', 'main', DRAFT);
    expect(drafts.get('a.ipynb', 'main')).toEqual(DRAFT);
    expect(drafts.get('a.ipynb', 'other').text).toBe('');
    expect(drafts.get('b.ipynb', 'main').text).toBe('');
  });

  test('survive a reload of the page', () => {
    new Drafts(localStorage).set('a.ipynb', 'main', DRAFT);
    expect(new Drafts(localStorage).get('a.ipynb', 'main').text).toBe('unfinished');
  });

  test('leave nothing behind once they are sent', () => {
    const drafts = new Drafts(localStorage);
    drafts.set('a.ipynb', 'main', DRAFT);
    drafts.set('a.ipynb', 'main', { text: '', attachments: [] });
    expect(localStorage).toHaveLength(0);
  });

  test('live as long as the page where nothing can be stored', () => {
    const full = {
      ...localStorage,
      setItem: () => {
        throw new Error('full');
      },
      getItem: () => null
    } as never;
    const drafts = new Drafts(full);
    drafts.set('a.ipynb', 'main', DRAFT);
    expect(drafts.get('a.ipynb', 'main')).toEqual(DRAFT);
  });
});
