import { describe, expect, it, vi } from 'vitest'
import type { InterfaceDocument } from '../document.ts'
import { parseInterfaceDocument } from '../document-text.ts'
import type { JsonSchema } from '../json-schema.ts'
import { compare } from './compare.ts'
import { effort, within } from './effort.ts'

// What has no end is seen by this; how long the rest takes is for the bench.
vi.setConfig({ testTimeout: 240_000 })

function documentOf(
  output: JsonSchema,
  schemas: Record<string, JsonSchema> = {},
  input: JsonSchema = { type: 'object', properties: {} },
): InterfaceDocument {
  const text = JSON.stringify({
    format: 1,
    name: 'x',
    endpoints: { get: { route: 'POST /x', access: 'public', input, output: { schema: output } } },
    schemas,
  })
  const parsed = parseInterfaceDocument(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

const ref = (id: string): JsonSchema => ({ $ref: `#/schemas/${id}` })

function schemasOf(count: number, make: (index: number) => JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, make(index)]))
}

/** Objects of which each has every other. */
const mesh = (count: number, leaf: JsonSchema) =>
  schemasOf(count, (index) => ({
    type: 'object',
    properties: {
      ...Object.fromEntries(
        Array.from({ length: count }, (_, to) => [`f${(index + to) % count}`, ref(`S${to}`)]),
      ),
      leaf,
    },
    required: ['leaf'],
  }))

/** Objects of which each has the next twice: so many places at the end as there are atoms in a spoon. */
const doubling = (count: number, leaf: JsonSchema) =>
  schemasOf(count, (index) =>
    index + 1 < count
      ? {
          type: 'object',
          properties: { a: ref(`S${index + 1}`), b: ref(`S${index + 1}`) },
          required: ['a', 'b'],
        }
      : leaf,
  )

const hurting = (before: InterfaceDocument, after: InterfaceDocument) =>
  compare(before, after).changes.filter(
    ({ severity, direction }) =>
      direction === 'old-caller' && (severity === 'breaking' || severity === 'possibly-breaking'),
  )

describe('a comparison that would not end', () => {
  it.each([
    ['schemas of which each has every other', (leaf: JsonSchema) => mesh(30, leaf)],
    ['schemas of which each has the next twice', (leaf: JsonSchema) => doubling(60, leaf)],
    [
      'unions of which each has every other',
      (leaf: JsonSchema) =>
        schemasOf(14, (index) => ({
          anyOf: [
            ...Array.from({ length: 14 }, (_, to) => ref(`S${(index + to) % 14}`)),
            {
              type: 'object',
              properties: { kind: { const: `k${index}` }, leaf },
              required: ['kind', 'leaf'],
            },
          ],
        })),
    ],
    [
      'parts of which each has the next twice',
      (leaf: JsonSchema) =>
        schemasOf(40, (index) =>
          index < 39 ? { allOf: [ref(`S${index + 1}`), ref(`S${index + 1}`)] } : leaf,
        ),
    ],
  ])('ends, and passes nothing: %s', (_, make) => {
    const [text, number] = [make({ type: 'string' }), make({ type: 'number' })]
    const found = hurting(documentOf(ref('S0'), text), documentOf(ref('S0'), number))
    expect(found.length).toBeGreaterThan(0)
    expect(compare(documentOf(ref('S0'), text), documentOf(ref('S0'), number)).bump).toBe('major')
    for (const { severity, reason, witness } of found)
      expect(severity === 'breaking' ? witness : reason).toBeDefined()
    expect(hurting(documentOf(ref('S0'), text), documentOf(ref('S0'), text))).toEqual([])
  })

  it('says why it is undecided', () => {
    const [text, number] = [mesh(30, { type: 'string' }), mesh(30, { type: 'number' })]
    const [change] = hurting(documentOf(ref('S0'), text), documentOf(ref('S0'), number))
    expect(change).toMatchObject({
      rule: 'output/undecided',
      severity: 'possibly-breaking',
      path: 'endpoints.get.output',
      reason: 'it is too large to be compared to the end',
    })
  })

  it('is none of expressions that try every way', () => {
    const text = (pattern: string, minLength: number): JsonSchema => ({
      type: 'object',
      properties: { a: { type: 'string', pattern, minLength } },
      required: ['a'],
    })
    const found = hurting(
      documentOf({ type: 'object' }, {}, text('^(a+)+$', 30)),
      documentOf({ type: 'object' }, {}, text('^(a+)+b$', 30)),
    )
    expect(found).toMatchObject([{ severity: 'possibly-breaking' }])
    const repeated = documentOf({ type: 'string', pattern: '^(((a{1000}){1000}){1000})$' })
    expect(hurting(documentOf({ type: 'string', pattern: '^b*$' }), repeated)).toHaveLength(1)
  })
})

describe('large documents', () => {
  it('are compared to the end: values, variants, fields, endpoints', () => {
    const values = (count: number): JsonSchema => ({
      enum: Array.from({ length: count }, (_, index) => `v${index}`),
    })
    expect(hurting(documentOf(values(20_000)), documentOf(values(20_001)))).toMatchObject([
      { rule: 'output/value', severity: 'breaking', witness: { value: 'v20000' } },
    ])
    const variants = (count: number): JsonSchema => ({
      oneOf: Array.from({ length: count }, (_, index) => ({
        type: 'object',
        properties: { kind: { const: `k${index}` }, [`f${index}`]: { type: 'integer' } },
        required: ['kind', `f${index}`],
      })),
      discriminator: { propertyName: 'kind' },
    })
    expect(hurting(documentOf(variants(120)), documentOf(variants(121)))).toMatchObject([
      { rule: 'output/variant', severity: 'breaking' },
    ])
    expect(hurting(documentOf(variants(1500)), documentOf(variants(1501)))).toMatchObject([
      { rule: 'output/variant', severity: 'breaking' },
    ])
    const fields = (count: number): JsonSchema => ({
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`f${index}`, { type: 'string' }]),
      ),
      required: Array.from({ length: count }, (_, index) => `f${index}`),
    })
    expect(hurting(documentOf(fields(5000)), documentOf(fields(4999)))).toMatchObject([
      { rule: 'output/field-missing', severity: 'breaking' },
    ])
  })

  it('are compared to the end: 5,000 endpoints, and 5,000 others in their place', () => {
    const endpoints = (route: (index: number) => string, type = 'string'): InterfaceDocument => {
      const one = documentOf({ type: 'string' })
      const made = Array.from({ length: 5000 }, (_, index) => [
        `get${index}`,
        {
          ...one.endpoints.get!,
          route: route(index),
          output: { schema: { type: index === 4000 ? type : 'string' } },
        },
      ])
      return { ...one, endpoints: Object.fromEntries(made) as InterfaceDocument['endpoints'] }
    }
    const before = endpoints((index) => `GET /p${index}/{id}`)
    expect(
      hurting(
        before,
        endpoints((index) => `GET /p${index}/{id}`, 'number'),
      ),
    ).toMatchObject([{ path: 'endpoints.get4000.output', severity: 'breaking' }])
    const moved = hurting(
      before,
      endpoints((index) => `GET /q${index}/{id}`),
    )
    expect(moved).toHaveLength(5000)
  })

  it('are refused where they are nested without end, and compared where they are deep', () => {
    const deep = (levels: number, leaf: JsonSchema): JsonSchema => {
      let schema = leaf
      for (let level = 0; level < levels; level++)
        schema = { type: 'object', properties: { a: schema }, required: ['a'] }
      return schema
    }
    expect(
      hurting(documentOf(deep(200, { type: 'string' })), documentOf(deep(200, { type: 'number' }))),
    ).toHaveLength(1)
    expect(() => documentOf(deep(400, { type: 'string' }))).toThrow('is nested deeper than 600 levels')
    expect(parseInterfaceDocument('['.repeat(100_000) + ']'.repeat(100_000))).toMatchObject({ ok: false })
  })
})

describe('odd documents', () => {
  it('have names that every object has: they are compared, or refused', () => {
    const output = (name: string, type: string) =>
      JSON.parse(
        `{"type":"object","properties":{"${name}":{"type":"${type}"}},"required":["${name}"]}`,
      ) as JsonSchema
    for (const name of ['constructor', 'toString'])
      expect(hurting(documentOf(output(name, 'string')), documentOf(output(name, 'number')))).toMatchObject([
        { path: `endpoints.get.output.${name}`, severity: 'breaking' },
      ])
    expect(() => documentOf(output('__proto__', 'string'))).toThrow("names something '__proto__'")
  })

  it('have references that go round in circles', () => {
    const circle = { A: ref('B'), B: ref('A') }
    const found = hurting(
      documentOf(ref('A'), { A: { type: 'string' }, B: ref('A') }),
      documentOf(ref('A'), circle),
    )
    expect(found.length).toBeGreaterThan(0)
    expect(hurting(documentOf(ref('A'), circle), documentOf(ref('A'), circle))).toEqual([])
    const list = (leaf: JsonSchema) => ({ A: { type: 'array', items: { anyOf: [ref('A'), leaf] } } })
    expect(
      hurting(documentOf(ref('A'), list({ type: 'string' })), documentOf(ref('A'), list({ type: 'number' }))),
    ).not.toEqual([])
  })
})

describe('within', () => {
  it('counts what is inside of what is outside too', () => {
    const outer = within(100, () => {
      const inner = within(1000, () => effort(60))
      const second = within(1000, () => effort(60))
      return [inner.ok, second.ok]
    })
    expect(outer).toEqual({ ok: true, value: [true, false] })
    effort(1_000_000)
  })

  it('says what was too deep, and lets other mistakes through', () => {
    const forever = (): number => forever() + 1
    expect(within(10, forever)).toEqual({
      ok: false,
      reason: 'it is nested too deeply to be compared to the end',
    })
    expect(() =>
      within(10, () => {
        throw new Error('mine')
      }),
    ).toThrow('mine')
  })
})
