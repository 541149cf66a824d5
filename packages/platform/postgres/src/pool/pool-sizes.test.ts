import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { poolSize } from './pool-sizes.ts'

it('is what was asked for while there is enough, and a share of what there is when not', () => {
  expect(poolSize(10, 40, 200)).toBe(10)
  expect(poolSize(10, 380, 200)).toBe(5)
  expect(poolSize(1, 1000, 100)).toBe(1)
})

it('never sums up to more than the server has, while each can have one', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(sizes, fc.integer({ min: 61, max: 500 }), (wanted, server) => {
      const total = wanted.reduce((sum, each) => sum + each, 0)
      const pools = wanted.map((each) => poolSize(each, total, server))
      for (const [index, pool] of pools.entries()) expect(pool).toBeLessThanOrEqual(wanted[index]!)
      // Rounding up to one each may take a few more than the shares.
      expect(pools.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(
        Math.max(server - 10, 0) + wanted.length,
      )
    }),
  )
})
