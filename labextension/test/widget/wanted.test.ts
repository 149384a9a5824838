import { describe, expect, it } from 'vitest';

import { wantedOf } from '../../src/widget/wanted';

const DEFAULT = { threadId: null, height: '420px', compact: false, composer: true };

describe('what an output wants the panel to show', () => {
  it('is what the kernel said', () => {
    const said = { thread_id: 't', height: '200px', compact: true, composer: false };
    expect(wantedOf(said)).toEqual({
      threadId: 't',
      height: '200px',
      compact: true,
      composer: false
    });
  });

  it.each([undefined, null, 'text', 7, [], {}, { thread_id: 7, height: 3, compact: 'yes' }])(
    'is the default where %j says nothing usable',
    data => {
      expect(wantedOf(data)).toEqual(DEFAULT);
    }
  );
});
