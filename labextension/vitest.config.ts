import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000,
    // By default one core is left to an editor; here nobody waits beside the tests.
    maxWorkers: '100%',
    restoreMocks: true,
    unstubGlobals: true
  }
});
