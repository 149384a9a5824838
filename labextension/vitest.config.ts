import { performance } from 'node:perf_hooks';

import { defineConfig } from 'vitest/config';

/** What the work below takes on an idle machine of the kind that CI has. */
const WORK_MS = 100;

/** How many times as long as it should some work takes now, waiting for a core included; as in tests/patience.py. */
function slowness(): number {
  const begun = performance.now();
  for (let size = 0; size < 2400; size += 1) {
    JSON.parse(
      JSON.stringify(Array.from({ length: size % 200 }, (_, n) => ({ n, text: 'x'.repeat(20) })))
    );
  }
  return Math.min(Math.max((performance.now() - begun) / WORK_MS, 3), 12);
}

const patience = Number(process.env.COPILOT_SLOWNESS ?? slowness());

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000 * patience,
    env: { COPILOT_SLOWNESS: String(patience) },
    // By default one core is left to an editor; here nobody waits beside the tests.
    maxWorkers: '100%',
    restoreMocks: true,
    unstubGlobals: true
  }
});
