import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { contract } from './contract.ts'
import { endpoint } from './endpoint.ts'
import { open } from './open.ts'

const level = open(z.enum(['low', 'high']))
const shape = open(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('circle'), radius: z.number() }),
    z.object({ kind: z.literal('a.b'), side: z.number() }),
  ]),
)

describe('open', () => {
  it('takes the values of an enum and any other text', () => {
    expect(['low', 'medium', 3].map((value) => level.safeParse(value).success)).toEqual([true, true, false])
    expectTypeOf<z.infer<typeof level>>().toEqualTypeOf<'low' | 'high' | (string & {})>()
  })

  it('takes variants that nobody knows yet, but none that is known and wrong', () => {
    expect(shape.parse({ kind: 'circle', radius: 1 })).toEqual({ kind: 'circle', radius: 1 })
    expect(shape.parse({ kind: 'star', points: 5 })).toEqual({ kind: 'star' })
    expect(shape.parse({ kind: 'axb' })).toEqual({ kind: 'axb' })
    for (const wrong of [{ kind: 'circle' }, { kind: 'a.b', side: 'x' }, { points: 5 }])
      expect(shape.safeParse(wrong).success).toBe(false)
  })

  it('stands in contracts: an enum everywhere, a union where there is no gRPC', () => {
    const output = z.object({ level, levels: z.array(level) })
    contract('levels', {
      list: endpoint({ route: 'GET /levels/{level}', input: z.object({ level }), output }),
    })
    contract('shapes', { list: endpoint({ route: 'GET /shapes', output: z.object({ shape }), grpc: false }) })
    expect(() =>
      contract('shapes', { list: endpoint({ route: 'GET /shapes', output: z.object({ shape }) }) }),
    ).toThrow('grpc: false')
  })

  it('refuses what has no values to know', () => {
    expect(() => open(z.string() as never)).toThrow('open() takes an enum of strings')
    expect(() => open(z.enum({ one: 1 }) as never)).toThrow(TypeError)
  })
})
