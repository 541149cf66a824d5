import { describe, expect, it } from 'vitest'
import type { OpenApiDescription } from './description.ts'
import { importOpenApi } from './import-openapi.ts'
import { readDescription } from './read-description.ts'

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } })

function getting(schema: unknown, more: object = {}) {
  return { get: { operationId: 'x/get', tags: ['x'], responses: { 200: json(schema) }, ...more } }
}

function described(paths: unknown, schemas: object = {}, components: object = {}) {
  return { openapi: '3.0.3', paths, components: { schemas, ...components } }
}

function imported(value: unknown) {
  const read = readDescription(value)
  if (!read.ok) throw new Error(`${read.message}; ${read.remedy}`)
  return importOpenApi(read.value)
}

const nested = (levels: number): object =>
  JSON.parse(`${'{"type":"array","items":'.repeat(levels)}{}${'}'.repeat(levels)}`) as object

const chain = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `S${index}`,
      { type: 'object', properties: { next: { $ref: `#/components/schemas/S${(index + 1) % count}` } } },
    ]),
  )

const to = (name: string) => ({ $ref: `#/components/schemas/${name}` })

describe('a description that cannot be imported', () => {
  it.each<[what: string, value: unknown, says: RegExp]>([
    ['nothing', null, /it is no OpenAPI description; name a file/],
    ['a list', [], /it is no OpenAPI description/],
    ['something else', { a: 1 }, /it does not say that it is OpenAPI; OpenAPI 3.0 and 3.1 are read/],
    [
      'OpenAPI 2.0',
      { swagger: '2.0' },
      /it is OpenAPI 2.0 \(Swagger\); convert it .* npx swagger2openapi FILE/,
    ],
    ['OpenAPI 3.2', { openapi: '3.2.0' }, /it is OpenAPI 3.2.0; OpenAPI 3.0 and 3.1 are read/],
    ['no paths', described([]), /^paths is no object; correct it there/],
    ['a path without operations', described({ '/x': 'get' }), /^paths.\/x is no object/],
    ['an operation that is text', described({ '/x': { get: 'y' } }), /^paths.\/x.get is no object/],
    ['tags that are text', described({ '/x': { get: { tags: 'y' } } }), /^paths.\/x.get.tags is no list/],
    [
      'a parameter without a name',
      described({ '/x': getting({}, { parameters: [{ in: 'query' }] }) }),
      /parameters\[0\] has no name/,
    ],
    [
      'a parameter that is nowhere',
      described({ '/x': getting({}, { parameters: [{ name: 'a', in: 'body' }] }) }),
      /parameters\[0\].in is none of/,
    ],
    [
      'an unknown type',
      described({ '/x': getting({ type: 'text' }) }),
      /schema.type is "text", which is none of null, boolean/,
    ],
    ['no value to choose', described({ '/x': getting({ enum: [] }) }), /schema.enum has no value/],
    [
      'fields that are a list',
      described({ '/x': getting({ properties: [] }) }),
      /schema.properties is no object/,
    ],
    [
      'a field that is required itself',
      described({}, { A: { required: true } }),
      /^components.schemas.A.required is no list/,
    ],
    [
      'code for a number',
      described({ '/x': getting({ type: 'array', items: {}, minItems: '1);throw 1;(' }) }),
      /schema.minItems is no number/,
    ],
    [
      'several files',
      described({ '/x': getting({ $ref: 'other.yaml#/A' }) }),
      /references "other.yaml#\/A", which is in another file; .*bundle/,
    ],
    [
      'nested without end',
      described({ '/x': getting(nested(5000)) }),
      /is nested deeper than 250 levels; give its parts names/,
    ],
  ])('is refused in a sentence: %s', (_, value, says) => {
    expect(() => imported(value)).toThrow(says)
  })
})

describe('a description that is odd', () => {
  const losses = (value: unknown) =>
    imported(value).flatMap((servlet) => servlet.losses.map(({ what }) => what))

  it('references what is not there, and goes round in circles: that is left out and listed', () => {
    const circle = { a: { $ref: '#/components/parameters/b' }, b: { $ref: '#/components/parameters/a' } }
    const parameters = [{ $ref: '#/components/parameters/a' }, { $ref: '#/components/parameters/none' }]
    expect(
      losses(described({ '/x': getting({ type: 'string' }, { parameters }) }, {}, { parameters: circle })),
    ).toEqual([
      'a parameter references #/components/parameters/a, which is not there; it is left out',
      'a parameter references #/components/parameters/none, which is not there; it is left out',
    ])
    const answer = { $ref: '#/components/responses/%ZZ' }
    expect(losses(described({ '/x': getting({}, { responses: { 200: answer } }) }))).toEqual([
      'references #/components/responses/%ZZ, which is not there; it is left out',
    ])
    expect(losses(described({ '/x': getting({ type: 'array', items: to('none') }) })).join()).toContain(
      'references #/components/schemas/none, which is not there; any JSON is taken',
    )
  })

  it.each<[what: string, schemas: Record<string, unknown>]>([
    ['itself', { A: to('A') }],
    ['each other', { A: to('B'), B: to('A') }],
    [
      'itself and more',
      { A: { allOf: [to('A'), { type: 'object', properties: { a: { type: 'string' } } }] } },
    ],
    ['itself or text', { A: { anyOf: [to('A'), { type: 'string' }] } }],
    ['a list of itself', { A: { type: 'array', items: to('A') } }],
    ['a field that must be itself', { A: { type: 'object', required: ['a'], properties: { a: to('A') } } }],
  ])('has a schema that is %s, and is imported', (_, schemas) => {
    expect(imported(described({ '/x': getting(to('A')) }, schemas))).toHaveLength(1)
  })

  it('has schemas with names that are one here, and neither is lost', () => {
    const value = described(
      { '/x': getting({ type: 'object', properties: { a: to('foo-bar'), b: to('FooBar'), c: to('a~1b') } }) },
      {
        'foo-bar': { enum: ['a'] },
        FooBar: { type: 'object', properties: { q: { type: 'integer' } } },
        'a/b': { type: 'boolean' },
      },
    )
    const text = JSON.stringify(imported(value)[0]!.document)
    for (const part of ['"enum":["a"]', '"q":', '"boolean"']) expect(text).toContain(part)
  })

  it('has tags with names that are one here, and all operations are there', () => {
    const one = (tag: string, operationId: string) => ({ get: { operationId, tags: [tag] } })
    const made = imported(
      described({ '/x': one('Foo Bar', 'a'), '/y': one('foo-bar', 'b'), '/z': one('日本', 'c') }),
    )
    expect(made.map(({ name, document }) => [name, Object.keys(document.endpoints)])).toEqual([
      ['foo-bar', ['a', 'b']],
      ['api', ['c']],
    ])
  })

  it('holds what would be code, and nothing of it is run', () => {
    const evil = "');globalThis.hit=1;//*/globalThis.hit=1;/*`"
    const value = described(
      {
        '/x': {
          get: {
            operationId: evil,
            tags: [evil],
            summary: evil,
            parameters: [
              { name: evil, in: 'query', schema: { type: 'string', default: evil, pattern: evil } },
            ],
            responses: {
              200: json({
                type: 'object',
                properties: { [evil]: { enum: [evil], description: evil }, b: to(evil) },
              }),
            },
          },
        },
      },
      { [evil]: { type: 'object', properties: { a: { const: evil, title: evil, format: evil } } } },
    )
    const [made] = imported(value)
    expect(made).toBeDefined()
    expect('hit' in globalThis).toBe(false)
  })

  it('has names that every object has', () => {
    const schema: unknown = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"a":{"type":"string"}},"required":["__proto__","a"]}',
    )
    const paths = {
      '/x': getting(schema),
      '/y/{__proto__}': getting(schema, {
        operationId: '__proto__',
        parameters: [{ name: '__proto__', in: 'path', required: true }],
      }),
      '/z/{constructor}': getting(schema, { operationId: 'constructor' }),
    }
    const value = described(paths, JSON.parse('{"__proto__":{"type":"string"}}') as object)
    const [made] = imported(value)
    expect(Object.keys(made!.document.endpoints)).toContain('get')
    expect(made!.losses.map(({ what }) => what).join()).toContain(
      "the field '__proto__', which every JavaScript object has",
    )
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it('has true and false for schemas, and keys without a value, as in YAML', () => {
    const value = {
      ...described({
        '/x': getting(
          { type: 'object', description: null, properties: { a: true, b: false } },
          { summary: null },
        ),
        'x-more': 7,
      }),
      openapi: '3.1.0',
    }
    expect(imported(value)).toHaveLength(1)
  })

  it('is large: schemas one in the other, operations that cannot be', () => {
    expect(imported(described({ '/x': getting(to('S0')) }, chain(100)))).toHaveLength(1)
    const paths = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [
        `/p${index}/{id}.json`,
        getting({}, { operationId: `x/${index}` }),
      ]),
    )
    expect(losses(described(paths)).filter((what) => what.startsWith('no endpoint'))).toHaveLength(200)
  })
})

it('takes what it reads for a description', () => {
  const read = readDescription(described({ '/x': getting({}) }))
  expect(read.ok && (read.value satisfies OpenApiDescription).openapi).toBe('3.0.3')
})
