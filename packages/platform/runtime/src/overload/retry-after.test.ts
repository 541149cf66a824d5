import { AtlasError } from '@atlas/contract'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { retryAfterHeader, retryAfterMs } from './retry-after.ts'

it('sends away for as long as the backlog takes, and up to twice that', () => {
  expect(retryAfterMs({ requests: 500, servedPerMs: 0.1, random: 0 })).toBe(5000)
  expect(retryAfterMs({ requests: 500, servedPerMs: 0.1, random: 1 })).toBe(10_000)
})

it('is between one second and thirty, also when nobody knows how fast things go', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (requests, servedPerMs, random) => {
        const delayMs = retryAfterMs({ requests: requests + 1, servedPerMs, random })
        expect(delayMs).toBeGreaterThanOrEqual(1000)
        expect(delayMs).toBeLessThanOrEqual(30_000)
      },
    ),
  )
})

const refused = (data: unknown) => new AtlasError('resource_exhausted', 'too many', { data })

it('writes whole seconds, never sooner than meant', () => {
  expect(retryAfterHeader(refused({ retryAfterMs: 1000 }))).toBe('1')
  expect(retryAfterHeader(refused({ retryAfterMs: 1001 }))).toBe('2')
  expect(retryAfterHeader(refused({ retryAfterMs: 0 }))).toBe('0')
})

it('writes nothing for an error without a hint', () => {
  for (const data of [
    undefined,
    null,
    'soon',
    {},
    { retryAfterMs: '5' },
    { retryAfterMs: Number.NaN },
    { retryAfterMs: -1 },
  ])
    expect(retryAfterHeader(refused(data))).toBeUndefined()
})

it('leaves alone what a contract calls the same', () => {
  const error = new AtlasError('resource_exhausted', 'full', { kind: 'full', data: { retryAfterMs: 5000 } })
  expect(retryAfterHeader(error)).toBeUndefined()
})
