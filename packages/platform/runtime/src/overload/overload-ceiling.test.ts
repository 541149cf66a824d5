import { expect, it } from 'vitest'
import { OverloadCeiling } from './overload-ceiling.ts'

function ceilingOf(): { look: (overloadedFor: number, inFlight: number) => number } {
  let now = 0
  const ceiling = new OverloadCeiling({ overloadedFor: () => now })
  return {
    look: (overloadedFor, inFlight) => {
      now = overloadedFor
      return ceiling.ceiling(inFlight)
    },
  }
}

it('is none without a sign, or while that says nothing', () => {
  expect(new OverloadCeiling(undefined).ceiling(5)).toBe(Number.POSITIVE_INFINITY)
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

it('lets one run at least', () => {
  const { look } = ceilingOf()
  expect(look(1, 0)).toBe(1)
  expect(look(100, 0)).toBe(1)
})

it('begins anew with the next overload, also when it missed the time between', () => {
  const { look } = ceilingOf()
  look(1, 20)
  look(9, 20)
  expect(look(1, 30)).toBe(30)
  look(0, 30)
  expect(look(5, 40)).toBe(40)
})
