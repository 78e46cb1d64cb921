import { defineConfig } from 'vitest/config';

/**
 * Two projects. `unit` is pure and quick (npm run check); `system` starts real processes: the product itself,
 * routing daemons, Chromium (npm test runs both).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{interop,e2e,browser}/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/{interop,e2e,browser}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          pool: 'forks', // a file may leave the host's network: see support/netns.ts
        },
      },
    ],
  },
});
