import { defineConfig } from 'vitest/config'

/** Tests that need a cluster: files of another name than those of `npm test`, one after another, with patience. */
export default defineConfig({
  test: {
    include: ['**/*.cluster.ts'],
    reporters: ['default', `${import.meta.dirname}/tools/test/src/summary.ts`],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    passWithNoTests: false,
  },
})
