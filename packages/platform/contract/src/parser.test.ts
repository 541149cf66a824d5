import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { parserOf } from './parser.ts'
import { named } from './refinement.ts'

interface Tree {
  name: string
  children: Tree[]
}
const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(Tree) }))

/** Every kind of schema that contracts let through, in one object. */
const All = z.object({
  text: z.string().trim().toLowerCase().min(1).max(5),
  upper: z
    .string()
    .toUpperCase()
    .normalize('NFC')
    .regex(/^[A-Z]*$/)
    .optional(),
  email: z.email().optional(),
  url: z.url().optional(),
  when: z.iso.datetime().nullable(),
  count: z.int().min(0).max(10).default(3),
  ratio: z.float32().multipleOf(0.5).prefault(1),
  flag: z.boolean().nullish(),
  kind: z.enum(['a', 'b']).readonly(),
  fixed: z.literal(['x', 1, null]),
  version: z.templateLiteral(['v', z.int()]).optional(),
  both: z.record(z.enum(['a', 'b']), z.int()).optional(),
  some: z.partialRecord(z.enum(['a', 'b']), z.int()).optional(),
  free: z.record(z.string(), z.json()).optional(),
  pair: z.tuple([z.string(), z.int()], z.boolean()).optional(),
  either: z.xor([z.string(), z.int()]).optional(),
  shape: z.discriminatedUnion('type', [
    z.object({ type: z.literal('dot') }),
    z.discriminatedUnion('type', [z.object({ type: z.literal('box'), side: z.number() })]),
  ]),
  tree: Tree.optional(),
  odd: z
    .int()
    .refine((n) => n % 2 === 1, named('odd', 1, 'must be odd'))
    .optional(),
})

const values: Record<keyof typeof All.shape, { readonly right: unknown[]; readonly wrong: unknown[] }> = {
  text: { right: [' Ada ', 'x'], wrong: ['', '   ', 'MUCH TOO LONG'] },
  upper: { right: ['abc', 'ABC'], wrong: ['a1'] },
  email: { right: ['a@b.de'], wrong: ['a@b'] },
  url: { right: [' https://a.de ', 'a:b'], wrong: ['x'] },
  when: { right: [null, '2026-11-01T00:00:00Z'], wrong: ['2026-11-01'] },
  count: { right: [0, 10], wrong: [-1, 11, 0.5] },
  ratio: { right: [0.5, -2], wrong: [0.3, 1e300] },
  flag: { right: [true, null], wrong: ['true'] },
  kind: { right: ['a', 'b'], wrong: ['c', 'toString'] },
  fixed: { right: ['x', 1, null], wrong: ['1'] },
  version: { right: ['v1', 'v-1'], wrong: ['v'] },
  both: { right: [{ a: 1, b: 2 }], wrong: [{ a: 1 }, { a: 1, b: 2, c: 3 }, []] },
  some: { right: [{ a: 1 }, {}], wrong: [{ c: 1 }] },
  free: { right: [{ '': [null, { a: [] }], constructor: 1 }], wrong: [[], null] },
  pair: {
    right: [
      ['a', 1],
      ['a', 1, true, false],
    ],
    wrong: [['a'], ['a', 1, 2], {}],
  },
  either: { right: ['a', 1], wrong: [true] },
  shape: {
    right: [
      { type: 'dot', x: 1 },
      { type: 'box', side: 1 },
    ],
    wrong: [{ type: 'box' }, { type: 'x' }],
  },
  tree: { right: [{ name: 'a', children: [{ name: 'b', children: [] }] }], wrong: [{ name: 'a' }] },
  odd: { right: [1, 3], wrong: [2] },
}
const json = fc.jsonValue({ maxDepth: 2 })
const recordOf = (pick: (of: (typeof values)['text']) => fc.Arbitrary<unknown>) =>
  fc.record(
    Object.fromEntries([
      ...Object.entries(values).map(([name, of]) => [name, pick(of)]),
      ['unknown', json],
    ]) as {
      [name: string]: fc.Arbitrary<unknown>
    },
    { requiredKeys: ['text', 'when', 'kind', 'fixed', 'shape'] },
  )
const input = fc.oneof(
  recordOf(({ right }) => fc.constantFrom(...right)),
  recordOf(({ right, wrong }) => fc.constantFrom(...right, ...right, ...wrong)),
  recordOf(({ right }) => fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...right) }, json)),
  json,
)

describe('compiled parsers', () => {
  it('say the same as the interpreter, value by value and issue by issue', () => {
    const parse = parserOf(All)
    let accepted = 0
    fc.assert(
      fc.property(input, (value) => {
        const interpreted = All.safeParse(value)
        const compiled = parse(value)
        expect(compiled.ok).toBe(interpreted.success)
        if (compiled.ok) {
          accepted++
          expect(compiled.value).toStrictEqual(interpreted.data)
        } else
          expect(compiled.issues).toEqual(
            interpreted.error!.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), message })),
          )
      }),
      { numRuns: 2000 },
    )
    expect(accepted).toBeGreaterThan(200)
  })

  it('trim before they measure, as the interpreter does', () => {
    const parse = parserOf(z.object({ name: z.string().trim().min(1) }))
    expect(parse({ name: ' ada ' })).toEqual({ ok: true, value: { name: 'ada' } })
    expect(parse({ name: '   ' })).toMatchObject({ ok: false, issues: [{ path: 'name' }] })
  })

  it('keep known fields only and share no object with what came in', () => {
    const schema = z.object({ list: z.array(z.object({ a: z.json() })), map: z.record(z.string(), z.json()) })
    const given = { list: [{ a: { deep: [1] }, b: 1 }], map: { x: [{}] }, other: 1 }
    const parsed = parserOf(schema)(given)
    if (!parsed.ok) throw new Error('was refused')
    expect(parsed.value).toEqual({ list: [{ a: { deep: [1] } }], map: { x: [{}] } })
    const objects = new Set<unknown>()
    const collect = (value: unknown, into: (value: object) => void) => {
      if (typeof value !== 'object' || value === null) return
      into(value)
      for (const inner of Object.values(value)) collect(inner, into)
    }
    collect(given, (value) => objects.add(value))
    collect(parsed.value, (value) => expect(objects.has(value)).toBe(false))
  })

  it('are made once a schema', () => {
    const schema = z.object({})
    expect(parserOf(schema)).toBe(parserOf(schema))
  })
})

describe('the key __proto__', () => {
  const evil = JSON.parse('{ "a": 1, "__proto__": { "polluted": true } }')

  it.each<[string, z.core.$ZodType]>([
    ['an object', z.object({ a: z.int() })],
    ['a map', z.record(z.string(), z.json())],
    ['a map with enum keys', z.partialRecord(z.enum(['a', '__proto__']), z.json())],
    ['any JSON', z.json()],
  ])('is dropped from %s, compiled and interpreted', (_name, schema) => {
    const compiled = parserOf(schema)(evil)
    const interpreted = z.core.safeParse(schema, evil)
    for (const value of [compiled.ok && compiled.value, interpreted.data]) {
      expect(value).toEqual({ a: 1 })
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(value).not.toHaveProperty('polluted')
    }
    expect({}).not.toHaveProperty('polluted')
  })

  it('in the literal of a shape is its prototype, and no field', () => {
    const schema = z.object({ __proto__: z.string(), a: z.int() } as { a: z.ZodInt })
    expect(parserOf(schema)({ a: 1 })).toEqual({ ok: true, value: { a: 1 } })
  })
})

it('refuses what is nested too deeply for a recursive schema', () => {
  let deep: Tree = { name: 'leaf', children: [] }
  for (let depth = 0; depth < 100_000; depth++) deep = { name: 'node', children: [deep] }
  expect(parserOf(Tree)(deep)).toEqual({
    ok: false,
    issues: [{ path: '', message: 'is nested too deeply' }],
  })
})
