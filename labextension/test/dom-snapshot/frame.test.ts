import { expect, test } from 'vitest';

import { frameFor } from '../../src/dom-snapshot/frame';

const BOUNDS = { width: 1000, height: 1000 };

test('what fits is drawn as it is', () => {
  const size = { width: 640, height: 480 };
  expect(frameFor(size, BOUNDS)).toEqual({ ...size, scale: 1, cut: false });
});

test('what is too wide is shrunk', () => {
  const size = { width: 1250, height: 100 };
  expect(frameFor(size, BOUNDS)).toEqual({ ...size, scale: 0.8, cut: false });
});

test('what is much too wide is shrunk as far as text stays legible, and then cut off', () => {
  const frame = frameFor({ width: 5000, height: 100 }, BOUNDS);
  expect(frame).toEqual({ width: 2000, height: 100, scale: 0.5, cut: true });
});

test('what is too long is cut off', () => {
  const frame = frameFor({ width: 500, height: 9000 }, BOUNDS);
  expect(frame).toEqual({ width: 500, height: 1000, scale: 1, cut: true });
});

test.each([
  [1, 1],
  [3000, 3000],
  [1200, 8000],
  [20_000, 10]
])('the picture of %i × %i keeps within the bounds', (width, height) => {
  const frame = frameFor({ width, height }, BOUNDS);
  expect(frame.width * frame.scale).toBeLessThanOrEqual(1000);
  expect(frame.height * frame.scale).toBeLessThanOrEqual(1000);
});
