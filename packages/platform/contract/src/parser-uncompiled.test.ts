import * as fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { parserOf } from './parser.ts'

vi.mock('zod', async (original) => {
  const zod: typeof z = await original()
  return { ...zod, compile: vi.fn(zod.compile) }
})

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A schema of its own each time, because parsers are kept by schema. */
const order = () =>
  z.object({
    id: z.string().min(1),
    amount: z.int().min(0).default(1),
    state: z.enum(['open', 'paid']).optional(),
    lines: z.array(z.object({ sku: z.string().trim(), price: z.number() })).max(3),
    notes: z.record(z.string(), z.union([z.string(), z.boolean()])).nullable(),
  })

const loose = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined))
const input = fc.record(
  {
    id: loose,
    amount: loose,
    state: fc.oneof(fc.constantFrom('open', 'paid'), loose),
    lines: fc.array(fc.record({ sku: fc.string(), price: fc.oneof(fc.double(), loose) }), { maxLength: 4 }),
    notes: fc.oneof(fc.constant(null), fc.dictionary(fc.string(), loose, { maxKeys: 3 })),
    other: loose,
  },
  { requiredKeys: [] },
)

it('ATLAS_ZOD_COMPILE=0 turns compiling off, and changes no answer', () => {
  const compiled = parserOf(order())
  expect(z.compile).toHaveBeenCalledTimes(1)
  vi.stubEnv('ATLAS_ZOD_COMPILE', '0')
  const interpreted = parserOf(order())
  expect(z.compile).toHaveBeenCalledTimes(1)
  fc.assert(
    fc.property(input, (value) => {
      expect(interpreted(value)).toStrictEqual(compiled(value))
    }),
    { numRuns: 1000 },
  )
  vi.stubEnv('ATLAS_ZOD_COMPILE', '1')
  parserOf(order())
  expect(z.compile).toHaveBeenCalledTimes(2)
})
