import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { stillness } from '../../src/dom-snapshot/stillness';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function waiting(element: HTMLElement) {
  const ended = vi.fn();
  void stillness(element, 100, 1000).then(ended);
  return { ended, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

test('an element that does not change is still at once', async () => {
  const { ended, pass } = waiting(document.createElement('div'));
  await pass(99);
  expect(ended).not.toHaveBeenCalled();
  await pass(1);
  expect(ended).toHaveBeenCalled();
});

test('one that is being drawn is waited for', async () => {
  const element = document.createElement('div');
  const { ended, pass } = waiting(element);
  for (let n = 0; n < 5; n++) {
    await pass(80);
    element.append('more');
  }
  await pass(80);
  expect(ended).not.toHaveBeenCalled();
  await pass(40);
  expect(ended).toHaveBeenCalled();
});

test('one whose image loads is waited for', async () => {
  const element = document.createElement('div');
  const image = element.appendChild(document.createElement('img'));
  const complete = vi.spyOn(image, 'complete', 'get').mockReturnValue(false);
  const { ended, pass } = waiting(element);
  await pass(300);
  expect(ended).not.toHaveBeenCalled();
  complete.mockReturnValue(true);
  await pass(100);
  expect(ended).toHaveBeenCalled();
});

test('one that never rests is waited for no longer than that', async () => {
  const element = document.createElement('div');
  const { ended, pass } = waiting(element);
  for (let n = 0; n < 12; n++) {
    element.append('more');
    await pass(90);
  }
  expect(ended).toHaveBeenCalled();
});
