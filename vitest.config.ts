import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test', 'server/test', 'export/test', 'batch/test'].map(
      (folder) => `${folder}/**/*.test.ts`,
    ),
    testTimeout: 30_000,
    // Of two cores the default would leave one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
