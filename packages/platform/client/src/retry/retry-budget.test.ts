import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

describe('a budget of retries', () => {
  it('allows no more than the reserve and a share of the calls, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 20 }),
        (steps, ratio, reserve) => {
          const budget = new RetryBudget({ ratio, reserve })
          let calls = 0
          let retries = 0
          for (const isCall of steps) {
            if (isCall) {
              budget.deposit()
              calls++
            } else if (budget.withdraw()) retries++
            expect(retries).toBeLessThanOrEqual(reserve + ratio * calls + 1e-9)
          }
        },
      ),
    )
  })

  it('allows as many again in every stretch of calls: what is saved is bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 1000 }), (before) => {
        const budget = new RetryBudget({ ratio: 0.1, reserve: 10 })
        for (const isCall of before) if (isCall) budget.deposit()
        let retries = 0
        for (let call = 0; call < 1000; call++) {
          budget.deposit()
          while (budget.withdraw()) retries++
        }
        // After any past, an outage of 1,000 calls costs between a tenth more and that and the reserve.
        expect(retries).toBeGreaterThanOrEqual(99)
        expect(retries).toBeLessThanOrEqual(110)
      }),
    )
  })
})
