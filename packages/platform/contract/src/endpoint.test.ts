import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { endpoint } from './endpoint.ts'
import { page, paging } from './page.ts'
import { named } from './refinement.ts'

describe('an endpoint', () => {
  it('has its defaults filled in', () => {
    const made = endpoint({ route: 'POST /greet' })
    expect(made).toMatchObject({ access: 'internal', errors: {}, grpc: true, idempotent: false })
    expect(made.body ?? made.deprecated ?? made.description).toBeUndefined()
    expect([made.input.parse({ a: 1 }), made.output.parse({})]).toEqual([{}, {}])
    expect(Object.isFrozen(made)).toBe(true)
  })

  it.each([
    ['GET', true],
    ['PUT', true],
    ['DELETE', true],
    ['POST', false],
    ['PATCH', false],
  ] as const)('may be repeated on %s: %s, as HTTP says', (method, idempotent) => {
    expect(endpoint({ route: `${method} /greet` }).idempotent).toBe(idempotent)
    expect(endpoint({ route: `${method} /greet`, idempotent: !idempotent }).idempotent).toBe(!idempotent)
  })
})

describe('a page', () => {
  it('has items, and the next cursor unless it is the last', () => {
    const schema = page(z.object({ id: z.string() }))
    expect(schema.parse({ items: [{ id: 'a' }], next: 'b' })).toEqual({ items: [{ id: 'a' }], next: 'b' })
    expect(schema.safeParse({ next: 'b' }).success).toBe(false)
  })

  it('is asked for with a cursor and a limit within bounds', () => {
    const input = z.object({ ...paging({ limit: 10, maxLimit: 50 }) })
    expect(input.parse({})).toEqual({ limit: 10 })
    expect(input.parse({ cursor: 'x', limit: 50 })).toEqual({ cursor: 'x', limit: 50 })
    for (const limit of [0, 51, 1.5]) expect(input.safeParse({ limit }).success).toBe(false)
    expect(z.object({ ...paging() }).parse({})).toEqual({ limit: 100 })
  })
})

describe('a named refinement', () => {
  it('refuses with its own words', () => {
    const schema = z.string().refine((text) => text !== 'x', named('notX', 1, 'must not be x'))
    expect(schema.safeParse('x').error?.issues[0]).toMatchObject({ message: 'must not be x' })
  })
})
