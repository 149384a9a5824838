// @vitest-environment node
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { settledWithin } from '../../src/notebook/settled-within';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  ['well', async () => 1],
  ['badly', () => Promise.reject(new Error('No.'))]
])('work that ends %s is waited for no longer than it takes', async (_, work) => {
  await settledWithin(work(), 1000);
  expect(vi.getTimerCount()).toBe(0);
});

test('work that never ends is waited for so many ms', async () => {
  const waited = vi.fn();
  void settledWithin(new Promise(() => undefined), 1000).then(waited);
  await vi.advanceTimersByTimeAsync(999);
  expect(waited).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(waited).toHaveBeenCalledOnce();
});
