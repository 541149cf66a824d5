import { configDefaults, defineConfig } from 'vitest/config'

/** Set by `npm run test:cluster -- --full`: also the tests that are too slow for every change. */
const full = process.env.ATLAS_CLUSTER_FULL === '1'

/** Tests that need a cluster: files of another name than those of `npm test`, one after another, with patience. */
export default defineConfig({
  test: {
    include: ['**/*.cluster.ts'],
    exclude: [...configDefaults.exclude, ...(full ? [] : ['**/*.full.cluster.ts'])],
    reporters: ['default', `${import.meta.dirname}/tools/test/src/summary.ts`],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    passWithNoTests: false,
  },
})
