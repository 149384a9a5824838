import { describe, expect, it } from 'vitest';
import { roomUrl, serverPath } from '../../src/client/urls';

describe('addresses', () => {
  it.each([
    ['a.ipynb', 'a.ipynb'],
    ['RTC:sub/a.ipynb', 'sub/a.ipynb'],
    ['100% wahr #1.ipynb', '100%25%20wahr%20%231.ipynb'],
    ['Übung/数据?.ipynb', '%C3%9Cbung/%E6%95%B0%E6%8D%AE%3F.ipynb'],
    ['/a/b.ipynb', 'a/b.ipynb']
  ])('of %s encode each part of the path by itself', (path, encoded) => {
    expect(roomUrl('ws://hub/x/', path, 'channel')).toBe(
      `ws://hub/x/api/copilot/notebooks/${encoded}/channel`
    );
  });

  it('lose the drive of jupyter-collaboration, and no other colon', () => {
    expect(serverPath('RTC:a.ipynb')).toBe('a.ipynb');
    expect(serverPath('Notes: one.ipynb')).toBe('Notes: one.ipynb');
  });
});
