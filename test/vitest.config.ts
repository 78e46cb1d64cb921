import { defineConfig } from 'vitest/config';
import { SlowFiles } from './support/slow-files.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Does the speaker run in the test's own thread? */
    singleThread: boolean;
  }
}

const system = 'test/{interop,e2e,browser}/**';
const live = 'test/**/*.live.test.ts';
/** Asked of the speaker in both of its forms. */
const ofEitherForm = 'test/speaker/{session,wire-out}.test.ts';

/**
 * Three projects. `unit` is quick (npm run check): its files share two processes, so none of them mocks a module, and
 * what takes its time goes to `live`: threads and processes of the product, waits that are the kernel's own. `system`
 * starts other programs as well: routing daemons, Chromium. npm test runs all three.
 */
export default defineConfig({
  test: {
    reporters: ['default', new SlowFiles()],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [system, live],
          provide: { singleThread: true },
          testTimeout: 20_000,
          pool: 'forks',
          isolate: false,
        },
      },
      {
        test: {
          name: 'live',
          include: [live, ofEitherForm],
          exclude: [system],
          provide: { singleThread: false },
          testTimeout: 20_000,
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'system',
          include: [`${system}/*.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          pool: 'forks', // a file may leave the host's network: see support/netns.ts
        },
      },
    ],
  },
});
