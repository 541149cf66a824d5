import { defineConfig } from 'vitest/config'

// nx asks for colours. vitest has decided about its own by now; what is tested is text, here and in processes that tests start.
delete process.env.FORCE_COLOR

/** One configuration for every package: `vitest run --config <here> --root .`, as each package's `test` script says. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    reporters: ['default', `${import.meta.dirname}/tools/test/src/summary.ts`],
    // All comes late on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    passWithNoTests: false,
  },
})
