import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { codeOfHttpStatus, codes, isCode } from './code.ts'

it("has gRPC's sixteen numbers, each once", () => {
  const numbers = Object.values(codes).map((code) => code.grpc)
  expect(numbers).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
})

it("has Connect's statuses", () => {
  expect(Object.fromEntries(Object.entries(codes).map(([code, { http }]) => [code, http]))).toEqual({
    canceled: 499,
    unknown: 500,
    invalid_argument: 400,
    deadline_exceeded: 504,
    not_found: 404,
    already_exists: 409,
    permission_denied: 403,
    resource_exhausted: 429,
    failed_precondition: 400,
    aborted: 409,
    out_of_range: 400,
    unimplemented: 501,
    internal: 500,
    unavailable: 503,
    data_loss: 500,
    unauthenticated: 401,
  })
})

it('knows its codes and nothing else, not even what every object has', () => {
  for (const code of Object.keys(codes)) expect(isCode(code)).toBe(true)
  for (const other of ['ok', 'NOT_FOUND', '', 'toString', '__proto__', 5, null, undefined, ['not_found']])
    expect(isCode(other)).toBe(false)
})

it.each([
  [400, 'internal'],
  [401, 'unauthenticated'],
  [403, 'permission_denied'],
  [404, 'unimplemented'],
  [429, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
] as const)("reads a %i without an error document as %s, which is Connect's table", (status, code) => {
  expect(codeOfHttpStatus(status)).toBe(code)
})

it('reads every other status as unknown', () => {
  const known = new Set([400, 401, 403, 404, 429, 502, 503, 504])
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), (status) => {
      fc.pre(!known.has(status))
      expect(codeOfHttpStatus(status)).toBe('unknown')
    }),
  )
})
