import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { OverloadCeiling } from './overload-ceiling.ts'

function ceilingOf(floor = 1): { look: (overloadedFor: number, inFlight: number) => number } {
  let now = 0
  const ceiling = new OverloadCeiling({ overloadedFor: () => now }, floor)
  return {
    look: (overloadedFor, inFlight) => {
      now = overloadedFor
      return ceiling.ceiling(inFlight)
    },
  }
}

it('is none without a sign, or while that says nothing', () => {
  expect(new OverloadCeiling(undefined, 1).ceiling(5)).toBe(Number.POSITIVE_INFINITY)
  expect(ceilingOf().look(0, 5)).toBe(Number.POSITIVE_INFINITY)
})

it('is what ran when overload began, and stays while nobody looked again', () => {
  const { look } = ceilingOf()
  expect(look(1, 20)).toBe(20)
  expect(look(1, 12)).toBe(20)
})

it('shrinks by a tenth with every look that still finds overload', () => {
  const { look } = ceilingOf()
  look(1, 20)
  expect(look(2, 20)).toBeCloseTo(18)
  expect(look(4, 20)).toBeCloseTo(14.58)
})

it('lets as many run as its floor says, however long it lasts', () => {
  const { look } = ceilingOf(5)
  expect(look(1, 0)).toBe(5)
  expect(look(2, 40)).toBe(5)
  expect(look(1, 40)).toBe(40)
  expect(look(100, 5)).toBe(5)
})

it('is never below its floor nor above what ran when overload began, whatever is seen', () => {
  const aLook = fc.record({ overloadedFor: fc.nat({ max: 50 }), inFlight: fc.nat({ max: 2000 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(aLook), (floor, looks) => {
      const { look } = ceilingOf(floor)
      let most = 0
      for (const { overloadedFor, inFlight } of looks) {
        const ceiling = look(overloadedFor, inFlight)
        if (overloadedFor === 0) expect(ceiling).toBe(Number.POSITIVE_INFINITY)
        else {
          most = Math.max(most, inFlight)
          expect(ceiling).toBeGreaterThanOrEqual(floor)
          expect(ceiling).toBeLessThanOrEqual(Math.max(floor, most))
        }
      }
    }),
  )
})

it('begins anew with the next overload, also when it missed the time between', () => {
  const { look } = ceilingOf()
  look(1, 20)
  look(9, 20)
  expect(look(1, 30)).toBe(30)
  look(0, 30)
  expect(look(5, 40)).toBe(40)
})
