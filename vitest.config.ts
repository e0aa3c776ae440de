import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests of what this process holds: nothing else may have run in it. */
const measuring = ['test/allocation.test.ts', 'test/memory.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    // Of two cores the default would leave one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'nuthatch',
          include: ['test', 'server/test', 'export/test', 'batch/test'].map(
            (folder) => `${folder}/**/*.test.ts`,
          ),
          exclude: measuring,
          // Modules are loaded once for all files that a process tests: a third of the time.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'measuring', include: measuring } },
    ],
  },
});
