import { act, screen } from '@testing-library/react';
import * as React from 'react';
import { expect, test } from 'vitest';

import { MeantNote } from '../../../src/ui/confirmation/meant-note';
import { FakePage, show } from '../page';

test('what was left out of a proposal in the cells is said on its card, as soon as it is', () => {
  let [words, tell] = [null as string | null, () => undefined as void];
  const page = Object.assign(new FakePage(), {
    meantOf: () => words,
    watchMeant: (callback: () => void) => {
      tell = callback;
      return () => undefined;
    }
  });
  show(<MeantNote call={{} as never} />, page);
  expect(screen.queryByRole('status')).toBeNull();
  act(() => {
    words = '1 change as you edited it';
    tell();
  });
  expect(screen.getByRole('status').textContent).toBe('1 change as you edited it');
});
