import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type BoundField, bindingOf, fromText, textOf } from './binding.ts'
import { bytes } from './bytes.ts'
import { endpoint } from './endpoint.ts'

const field = (text: BoundField['text']): BoundField => ({ name: 'x', text, list: false, rest: false })

describe('where fields travel', () => {
  it('on GET: those of the route in the path, all others in the query', () => {
    const list = endpoint({
      route: 'GET /folders/{id}/files',
      input: z.object({
        id: z.int(),
        tags: z.array(z.string()).default([]),
        deep: z.boolean().optional(),
        sort: z.enum(['name', 'size']).default('name'),
      }),
    })
    const binding = bindingOf(list)
    expect(binding).toMatchObject({
      body: 'none',
      path: [{ name: 'id', text: 'number', list: false, rest: false }],
      query: [
        { name: 'tags', text: 'string', list: true, rest: false },
        { name: 'deep', text: 'boolean', list: false, rest: false },
        { name: 'sort', text: 'string', list: false, rest: false },
      ],
    })
    expect(binding.pattern.path).toBe('/folders/{id}/files')
    expect(bindingOf(list)).toBe(binding)
  })

  it('on DELETE: like GET', () => {
    const remove = endpoint({ route: 'DELETE /files', input: z.object({ id: z.string() }) })
    expect(bindingOf(remove)).toMatchObject({ body: 'none', path: [], query: [{ name: 'id' }] })
  })

  it.each(['POST', 'PUT', 'PATCH'] as const)('on %s: the others in a JSON body', (method) => {
    const save = endpoint({
      route: `${method} /files/{id}`,
      input: z.object({ id: z.string(), name: z.string() }),
    })
    expect(bindingOf(save)).toMatchObject({ body: 'json', path: [{ name: 'id' }], query: [] })
  })

  it('beside a body of bytes: the others in the query', () => {
    const upload = endpoint({
      route: 'PUT /content/{path*}',
      input: z.object({ path: z.string(), overwrite: z.boolean().default(false) }),
      body: bytes(),
    })
    expect(bindingOf(upload)).toMatchObject({
      body: 'bytes',
      path: [{ name: 'path', rest: true }],
      query: [{ name: 'overwrite', text: 'boolean' }],
    })
  })

  it('does not take what every object inherits for a field', () => {
    const odd = endpoint({ route: 'GET /{toString}' as 'GET /x' })
    expect(bindingOf(odd).path).toEqual([])
  })
})

describe('what travels as text', () => {
  it.each<[string, z.core.$ZodType, string | undefined]>([
    ['strings', z.email(), 'string'],
    ['template literals', z.templateLiteral(['a', z.int()]), 'string'],
    ['numbers', z.int().optional(), 'number'],
    ['booleans', z.boolean().default(false), 'boolean'],
    ['enums', z.enum(['a', 'b']), 'string'],
    ['enums of numbers', z.enum({ A: 1, B: 2 }), 'number'],
    ['enums as TypeScript compiles them', z.enum({ A: 1, 1: 'A' } as unknown as { A: 1 }), 'number'],
    ['literals', z.literal([1, 2]), 'number'],
    ['lists', z.array(z.int().readonly()), 'number[]'],
    ['literals of two types', z.literal(['a', 1]), undefined],
    ['null', z.literal(null), undefined],
    ['lists of lists', z.array(z.array(z.string())), undefined],
    ['objects', z.object({}), undefined],
    ['unions', z.union([z.string(), z.int()]), undefined],
    ['maps', z.record(z.string(), z.string()), undefined],
  ])('%s', (_name, schema, expected) => {
    const text = textOf(schema)
    expect(text && `${text.text}${text.list ? '[]' : ''}`).toBe(expected)
  })
})

describe('reading text', () => {
  it('gives back every number that was written', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.maxSafeInteger(),
    )
    fc.assert(
      fc.property(numbers, (value) => {
        // JSON writes -0 as 0 too.
        expect(fromText(field('number'), String(value))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('gives back every boolean and every string that was written', () => {
    for (const value of [true, false]) expect(fromText(field('boolean'), String(value))).toBe(value)
    fc.assert(fc.property(fc.string(), (value) => fromText(field('string'), value) === value))
  })

  it.each([
    '',
    ' ',
    '1 ',
    ' 1',
    '0x10',
    '1_000',
    '1,5',
    '+1',
    '.5',
    '1.',
    '01',
    'NaN',
    'Infinity',
    '1e',
    '--1',
    '١',
    '1n',
  ])('leaves %j to the schema, which will say that it is no number', (text) => {
    expect(fromText(field('number'), text)).toBe(text)
    expect(z.number().safeParse(fromText(field('number'), text)).success).toBe(false)
  })

  it.each(['', '1', '0', 'TRUE', 'yes', 'true '])(
    'leaves %j to the schema, which will say that it is no boolean',
    (text) => {
      expect(fromText(field('boolean'), text)).toBe(text)
    },
  )

  it('reads exactly what JSON calls a number', () => {
    const digits = fc
      .array(fc.constantFrom(...'0123456789.eE+-'), { maxLength: 8 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(digits, (text) => {
        let json: unknown
        try {
          json = JSON.parse(text)
        } catch {
          json = text
        }
        expect(fromText(field('number'), text)).toBe(json)
      }),
      { numRuns: 3000 },
    )
  })

  it('leaves a number too large to the schema, which refuses infinity', () => {
    expect(z.number().safeParse(fromText(field('number'), '1e999')).success).toBe(false)
  })
})
